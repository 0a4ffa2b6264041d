"""Progress is plain lines in a file and one moving line in a terminal; the table sets us beside seasonal naive."""

import io
from datetime import datetime, timedelta

from local_aws.command.pipeline_run import Execution, Step
from local_aws.command.progress import Progress
from local_aws.command.results import summary, table

NOON = datetime(2026, 1, 5, 12)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def execution(status: str, *steps: Step) -> Execution:
    return Execution("arn:aws:states:us-east-1:1:execution:pipeline:9f3c1a2b7d", status, list(steps))


def left(name: str, seconds: float, **shards: int) -> Step:
    return Step(name, NOON, NOON + timedelta(seconds=seconds), **shards)


def after_the_clock(text: str) -> list[str]:
    """Lines without the seconds since the beginning, which differ each time."""
    return [line.partition(" s  ")[2] for line in text.splitlines()]


def test_a_step_is_written_once_when_it_is_left() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    progress.show(execution("RUNNING", Step("ImportData", NOON, shards_done=1, shards=2)))
    assert stream.getvalue() == ""
    done = left("ImportData", 2.1, shards_done=2, shards=2)
    progress.show(execution("RUNNING", done, Step("TrainPredictor", NOON)))
    progress.show(execution("SUCCEEDED", done, left("TrainPredictor", 10)))
    assert after_the_clock(stream.getvalue()) == [
        "ImportData              2.1 s  2 of 2 shards",
        "TrainPredictor         10.0 s",
    ]


def test_a_terminal_shows_the_current_step_on_a_line_that_moves() -> None:
    stream = Terminal()
    progress = Progress(stream)
    progress.show(execution("RUNNING", Step("ImportData", NOON, shards_done=1, shards=2)))
    assert stream.getvalue().startswith("\r\x1b[K")
    assert stream.getvalue().endswith("ImportData               ...  1 of 2 shards")
    progress.show(execution("SUCCEEDED", left("ImportData", 2)))
    assert stream.getvalue().endswith("ImportData              2.0 s\n")


def test_the_table_has_a_row_per_measure_and_a_dash_where_there_is_none() -> None:
    ours = {
        "AverageWeightedQuantileLoss": 0.0633,
        "WeightedQuantileLosses": {"0.1": 0.02, "0.5": 0.07},
        "WAPE": 0.0812,
        "RMSE": 22.24,
        "MASE": None,
        "Coverage80": 0.793,
        "WindowCount": 1,
    }
    naive = {"AverageWeightedQuantileLoss": 0.0911, "WAPE": 0.1, "RMSE": 30.02, "MASE": None, "Coverage80": None}
    rows = {line[:24].strip(): line[24:].split() for line in table({"Accuracy": ours, "SeasonalNaive": naive})}
    assert rows["average wQL"] == ["0.0633", "0.0911"]
    assert rows["wQL of quantile 0.1"] == ["0.02", "-"]
    assert rows["MASE"] == ["-", "-"]
    assert rows["inside p10 to p90"] == ["79.3%", "-"]


def test_the_summary_counts_series_steps_windows_and_merged_rows() -> None:
    published = {
        "Accuracy": {"WindowCount": 1, "AverageWeightedQuantileLoss": 0.03},
        "SeasonalNaive": {"AverageWeightedQuantileLoss": 0.04},
        "ItemCount": 148,
        "Horizon": 12,
        "FirstTimestamp": "2019-01-01T00:00:00",
        "LastTimestamp": "2019-12-01T00:00:00",
        "MergedRowCount": 7,
    }
    assert list(summary(published)) == [
        "148 series, 12 steps from 2019-01-01 to 2019-12-01; accuracy over 1 backtest window",
        "average wQL is 25% below that of seasonal naive",
        "7 rows fell into the same period as another row of their series and were merged with it",
    ]
    of_new_items = published | {
        "NewItemCount": 3,
        "AttributeImpact": {"price": -1.0, "promo": 0.5},
        "MergedRowCount": 0,
    }
    assert list(summary(of_new_items))[2:] == [
        "3 of the series have no history: forecast like those they resemble",
        "moved by price 1.00, promo 0.50  (besides the history; 1 is what moves it most)",
    ]
    assert list(summary(published | {"AttributeImpact": {"price": 1.0}})) == list(summary(published))
    without_effect = summary(published | {"AttributeImpact": {"price": 0.0, "rain": 0.0}})
    assert "moved by the history alone, not by price, rain" in without_effect
    mixed = summary(published | {"ModelShares": {"theta": 0.7, "ets": 0.297, "npts": 0.003}})
    assert "made of theta 70%, ets 30%  (mean over the series)" in mixed
