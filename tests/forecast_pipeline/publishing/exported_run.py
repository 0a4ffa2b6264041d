"""A run as the service leaves it in S3: train files and exports in Amazon's format, small enough to reckon by hand."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

STAMP = "2014-01-07T01-02-03Z"
START = datetime(2014, 1, 1)
HORIZON = 24
DAYS = 6
MEASURES = ("wQL[0.1]", "wQL[0.5]", "wQL[0.9]", "Average wQL", "RMSE", "WAPE", "MAPE", "MASE")
WINDOW_COLUMNS = ("backtestwindow_start_time", "backtestwindow_end_time")
HOSTILE = '</script><img src=x onerror="alert(1)">, "quoted"'
ITEMS = ("client_12", "client_7", HOSTILE)
Item = str | tuple[str, ...]  # the values of the key columns, one text if there is one column
KEYS = ("item_id",)
TYPES = ("p10", "p50", "p90")

ACCURACY_ANSWER: dict[str, Any] = {
    "PredictorEvaluationResults": [
        {
            "TestWindows": [
                {
                    "EvaluationType": "SUMMARY",
                    "Metrics": {
                        "RMSE": 3.0,
                        "WeightedQuantileLosses": [
                            {"Quantile": 0.9, "LossValue": 0.02},
                            {"Quantile": 0.5, "LossValue": 0.06},
                            {"Quantile": 0.1, "LossValue": 0.03},
                        ],
                        "ErrorMetrics": [{"ForecastType": "mean", "WAPE": 0.07, "RMSE": 3.25}],
                    },
                },
                {"EvaluationType": "COMPUTED", "Metrics": {"RMSE": 99.0, "WeightedQuantileLosses": []}},
            ]
        }
    ],
    "IsAutoPredictor": True,
}


def hour(index: int) -> datetime:
    """The index-th hour of the history."""
    return START + timedelta(hours=index)


def actual(item: int, index: int) -> float:
    """A daily shape that grows by 10 a day, larger for later items: seasonal naive is off by exactly 10 everywhere."""
    return 100.0 * (item + 1) + 5.0 * (index % 24) + 10.0 * (index // 24)


def put_run(
    client: "S3Client",
    document: dict[str, Any],
    items: Sequence[Item] = ITEMS,
    *,
    header: bool = False,
    keys: tuple[str, ...] = KEYS,
    types: tuple[str, str, str] = TYPES,
) -> None:
    """Write train files and exports where the document says; the forecast is off by 4 in its one backtest window.

    The schema's columns are timestamp, target and ``keys``; ``types`` are the columns 8 below, on and 8 above the line.
    """
    bucket = document["Run"]["Bucket"]
    folder = f"tmp/{document['Run']['Id']}"
    name = document["Exports"]["Forecast"]["Name"]
    hours = range(DAYS * 24)
    for part, days in enumerate((hours[: 3 * 24], hours[3 * 24 :])):
        rows = [
            [f"{hour(i):%Y-%m-%d %H:%M:%S}", actual(k, i), *key_of(item)] for k, item in enumerate(items) for i in days
        ]
        body = csv_text([["timestamp", "target_value", *keys], *rows] if header else rows)
        client.put_object(Bucket=bucket, Key=f"train/part-{part}.csv", Body=body)
    for part, chosen in enumerate((items[:1], items[1:], ())):
        for key, rows in _parts(items, chosen, keys, types).items():
            client.put_object(Bucket=bucket, Key=f"{folder}/{key}{name}_{STAMP}_part{part}.csv", Body=csv_text(rows))
    for marker in ("_CHECK", "_SUCCESS"):
        client.put_object(Bucket=bucket, Key=f"{folder}/forecast/{marker}", Body=b"")


def key_of(item: Item) -> list[str]:
    """The values of the key columns."""
    return [item] if isinstance(item, str) else list(item)


def csv_text(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows as a CSV file, quoted where needed."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _parts(
    items: Sequence[Item], chosen: Sequence[Item], keys: tuple[str, ...], types: tuple[str, str, str]
) -> dict[str, list[list[object]]]:
    """One part of each export; without items it is header-only, as some of Amazon's are."""
    forecast: list[list[object]] = [[*keys, "date", *types]]
    values: list[list[object]] = [[*keys, "timestamp", "target_value", *WINDOW_COLUMNS, *types]]
    accuracy: list[list[object]] = [[*keys, "backtest_window", *WINDOW_COLUMNS, *MEASURES]]
    split, end = (DAYS - 1) * 24, DAYS * 24
    window: list[object] = [f"{hour(split):%Y-%m-%dT%H:%M:%S}", f"{hour(end - 1):%Y-%m-%dT%H:%M:%S}"]
    for item in chosen:
        number = items.index(item)
        for step in range(HORIZON):
            future, past = actual(number, end + step), actual(number, split + step)
            forecast.append([*key_of(item), f"{hour(end + step):%Y-%m-%dT%H:%M:%SZ}", future - 8, future, future + 8])
            point = past + 4
            values.append(
                [*key_of(item), f"{hour(split + step):%Y-%m-%dT%H:%M:%SZ}", past, *window, point - 8, point, point + 8]
            )
        figures: list[object] = [0.01, 0.02, 0.03, 0.02, 4.0, 96.0, 0.02, "not defined"]
        accuracy += [[*key_of(item), kind, *window, *figures] for kind in ("Computed", "Summary")]
    return {
        "forecast/": forecast,
        "backtest/forecasted-values/": values,
        "backtest/accuracy-metrics-values/": accuracy,
    }
