"""Says how good a published forecast is, and where it lies."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast_language import columns, counted, padded, said
from forecast_pipeline.runs.account import account
from forecast_pipeline.runs.published import Published
from local_aws.command.user_words import UserWords

LABEL_WIDTH, NUMBER_WIDTH = 24, 16  # columns of a terminal
FILE_WIDTH = 20  # of a file's name and the blanks behind it


@dataclass(frozen=True)
class MadeForecast:
    """What a run published, in the user's words; `notes` say what could not be written as the user does."""

    run_id: str
    is_new: bool  # else an earlier run was over the same content
    published: Published
    notes: tuple[str, ...]
    words: UserWords

    def lines(self, folder: Path) -> Iterator[str]:
        """For a person: how good it is, what it is made of, and where its files lie."""
        yield ""
        yield from table(self.published)
        yield ""
        yield from map(self.words.told, summary(self.published))
        yield from self.notes
        yield ""
        yield from files(folder)

    def document(self, folder: Path, guessed: dict[str, Any] | None) -> dict[str, Any]:
        """For a program: the members of accuracy.json, beside what was guessed of the files."""
        published = self.published.model_dump(mode="json", exclude={"Files"})
        paths = {path.name: str(path) for path in sorted(folder.iterdir())}
        return {
            "Run": self.run_id,
            "IsNew": self.is_new,
            "Files": paths,
            "Forecast": self.words.told_throughout(published),
            "Notes": [*self.notes],
            "Guessed": guessed,
        }


def table(published: Published) -> Iterator[str]:
    """Lines that set the forecast's accuracy beside that of seasonal naive, over the same backtest windows."""
    forecast, baseline = published.Accuracy, published.SeasonalNaive
    yield _cells("", "Almanac", said("seasonal naive"))
    yield _row(said("average wQL"), forecast.AverageWeightedQuantileLoss, baseline.AverageWeightedQuantileLoss)
    yield _row("WAPE", forecast.WAPE, baseline.WAPE)
    yield _row("RMSE", forecast.RMSE, baseline.RMSE)
    yield _row("MASE", forecast.MASE, baseline.MASE)
    yield _row(said("inside p10 to p90"), forecast.Coverage80, baseline.Coverage80, ".1%")


def summary(published: Published) -> Iterator[str]:
    """Sentences under the table."""
    new = published.NewItemCount
    yield counted(
        "{series} series, {steps}; accuracy over {number} backtest window",
        "{series} series, {steps}; accuracy over {number} backtest windows",
        published.Accuracy.WindowCount or 0,
        series=published.ItemCount,
        steps=_steps(published),
    )
    yield from _comparison(published)
    if new:
        yield counted(
            "{number} of the series has no history: forecast like those they resemble",
            "{number} of the series have no history: forecast like those they resemble",
            new,
        )
    shares = [(model, share) for model, share in published.ModelShares.items() if share >= 0.005]
    if shares:
        models = ", ".join(f"{model} {share:.0%}" for model, share in shares)
        yield said("made of {models}  (mean over the series)", models=models)
    yield from _impact(published.AttributeImpact or {})
    yield from account(published)


def _steps(published: Published) -> str:
    first, last = _date(published.FirstTimestamp), _date(published.LastTimestamp)
    if published.Horizon == 1:
        return said("1 step at {moment}", moment=first)
    return said("{number} steps from {first} to {last}", number=published.Horizon, first=first, last=last)


def _comparison(published: Published) -> Iterator[str]:
    """Which of both is better; a warning wherever it is not the forecast."""
    if published.deciding_measure is None:
        return
    measure, forecast, naive = published.deciding_measure
    name = said("average wQL") if measure == "average wQL" else measure
    if forecast < naive:
        share = 1 - forecast / naive
        yield said("{measure} is {share:.0%} below that of seasonal naive", measure=name, share=share)
    elif forecast == naive:
        yield said("warning: the forecast is not better than seasonal naive: {measure} is the same", measure=name)
    elif not naive:
        yield said("warning: the forecast is not better than seasonal naive: {measure} is above its", measure=name)
    else:
        yield said(
            "warning: the forecast is not better than seasonal naive: {measure} is {share:.0%} above its",
            measure=name,
            share=forecast / naive - 1,
        )


def _impact(impact: dict[str, float]) -> Iterator[str]:
    """What moves the forecast besides the history. One attribute alone would be compared with itself."""
    if impact and not any(impact.values()):
        yield said("moved by the history alone, not by {names}", names=", ".join(impact))
    elif len(impact) > 1:
        sizes = ", ".join(f"{name} {abs(score):.2f}" for name, score in impact.items())
        yield said("moved by {sizes}  (besides the history; 1 is what moves it most)", sizes=sizes)


def files(folder: Path) -> Iterator[str]:
    """Where what was published lies now."""
    hold = {
        "report.html": said("a fan chart of every series; open it in a browser"),
        "forecast.csv": said("one row per series and step (forecast_long.csv: one per quantile, too)"),
        "item_accuracy.csv": said("accuracy per series (accuracy.json: of all)"),
        "item_models.csv": said("what made the forecast of each series, and what is special about it"),
    }
    for name, meaning in hold.items():
        yield f"{folder / name}{'':<{FILE_WIDTH - len(name)}}{meaning}"


def _row(label: str, forecast: float | None, baseline: float | None, number_format: str = ".4g") -> str:
    numbers = ("-" if value is None else format(value, number_format) for value in (forecast, baseline))
    return _cells(label, *numbers)


def _cells(label: str, *texts: str) -> str:
    return padded(label, LABEL_WIDTH) + "".join(" " * (NUMBER_WIDTH - columns(text)) + text for text in texts)


def _date(timestamp: str) -> str:
    return timestamp.removesuffix("T00:00:00").replace("T", " ")
