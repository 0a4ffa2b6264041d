"""Six fixed panels, and what is asked of each: two samples, and four made up from fixed seeds.

Together they reach every kind of dataset, file and predictor: several files, Parquet, an import that adds to another,
dimensions, related series known ahead or not, item metadata, holidays, items without history, six algorithms by name.
"""

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

SAMPLES = Path(__file__).parent.parent / "samples"
TARGET = "item_id:string timestamp:timestamp target_value:float"
QUANTILES = ["0.05", "0.5", "0.95"]
DAYS = "yyyy-MM-dd"


@dataclass(frozen=True)
class Import:
    """The files of one import, and the members of its request."""

    files: dict[str, bytes]
    request: dict[str, Any] = field(default_factory=lambda: {"TimestampFormat": DAYS})


@dataclass(frozen=True)
class Dataset:
    """A dataset: its columns as ``name:type``, and its imports in their order."""

    columns: str
    imports: list[Import]
    kind: str = "TARGET_TIME_SERIES"
    frequency: str | None = "D"


@dataclass(frozen=True)
class Panel:
    """A panel: its datasets, the requests of its predictors by name, and the series whose forecasts are queried."""

    name: str
    datasets: dict[str, Dataset]
    predictors: dict[str, dict[str, Any]]
    queries: list[dict[str, str]]
    forecast_types: list[str]
    domain: str = "CUSTOM"
    shard_counts: tuple[int, ...] = (1, 4)  # powers of two, as the service has them


def fixed_panels() -> list[Panel]:
    """All six, the same at every call."""
    return [australian_retail(), fruit_shop(), hourly(), intermittent(), one_series(), cold_start()]


def australian_retail() -> Panel:
    """The sample: months of industries in states, read from two files with a header."""
    header, *rows = (SAMPLES / "australian_retail.csv").read_text(encoding="utf-8").splitlines()
    half = len(rows) // 2
    files = {"first.csv": text([header, *rows[:half]]), "second.csv": text([header, *rows[half:]])}
    columns = {"month": "timestamp:timestamp", "state": "state:string", "industry": "item_id:string"}
    named = " ".join(columns.get(name, "target_value:float") for name in header.split(","))
    auto = {"ForecastHorizon": 12, "ForecastFrequency": "M", "ForecastDimensions": ["state"]}
    query = {"state": "Victoria", "item_id": "Department stores"}
    return Panel(
        "australian_retail",
        {"turnover": Dataset(named, [Import(files, {"TimestampFormat": "yyyy-MM"})], frequency="M")},
        {"auto": auto},
        [query, query | {"state": "New South Wales"}],
        ["0.1", "0.5", "0.9", "mean"],
        shard_counts=(1, 4, 16),
    )


def fruit_shop() -> Panel:
    """The sample with all of its files, asked for as its params.json asks; the last fortnight of sales comes later."""
    parameters = json.loads((SAMPLES / "fruit_shop" / "params.json").read_text(encoding="utf-8"))
    files = {name: (SAMPLES / "fruit_shop" / f"{name}.csv").read_bytes() for name in ("sales", "prices", "items")}
    header, *rows = files["sales"].decode().splitlines()
    fortnight = sorted({row.partition(",")[0] for row in rows})[-14]
    so_far = text([header, *(row for row in rows if row < fortnight)])
    contents = {"sales": so_far, "prices": files["prices"], "items": files["items"]}
    auto = {name: value for name, value in parameters["AutoPredictor"].items() if name != "PredictorName"}
    legacy = {
        "ForecastHorizon": 14,
        "PerformAutoML": True,
        "InputDataConfig": {"SupplementaryFeatures": [{"Name": "holiday", "Value": "KR"}]},
        "FeaturizationConfig": {"ForecastFrequency": "D"},
    }
    return Panel(
        "fruit_shop",
        {name: _sample(request, contents) for request in parameters["Datasets"] for name in [_short(request)]},
        {"auto": auto, "auto_ml": legacy, "prophet": _by_name("Prophet", legacy)},
        [{"item_id": item} for item in ("apples", "pears", "cherries")],
        parameters["Forecast"]["ForecastTypes"],
        "RETAIL",
    )


def later_sales() -> Import:
    """All sales of the fruit shop, with the fortnight that the panel lacks."""
    return Import({"sales.csv": (SAMPLES / "fruit_shop" / "sales.csv").read_bytes()})


def hourly() -> Panel:
    """Twenty series of four weeks of hours, some of which begin late, in Parquet; a temperature is known ahead."""
    random, horizon, length = np.random.default_rng(1), 24, 24 * 28
    hours = np.datetime_as_string(np.datetime64("2024-03-04T00") + np.arange(length + horizon), "s")
    hours = np.char.replace(hours, "T", " ")
    sales, weather = [], []
    for item in range(20):
        temperature = (
            15 + 8 * np.sin(2 * np.pi * (np.arange(length + horizon) - 9) / 24) + random.normal(0, 2, len(hours))
        )
        shape = 1.2 + np.sin(2 * np.pi * (np.arange(length) + item) / 24) + temperature[:length] / 40
        values = random.uniform(5, 200) * shape * random.gamma(20, 1 / 20, length)
        begins = 150 * (item % 5 == 0)
        sales += rows_of(f"meter_{item:02}", hours[begins:length], values[begins:])
        weather += rows_of(f"meter_{item:02}", hours, temperature)
    form = {"TimestampFormat": "yyyy-MM-dd HH:mm:ss"}
    related = "item_id:string timestamp:timestamp temperature:float"
    legacy = {"ForecastHorizon": horizon, "FeaturizationConfig": {"ForecastFrequency": "H"}}
    windows = {"EvaluationParameters": {"NumberOfBacktestWindows": 2, "BackTestWindowOffset": 30}}
    return Panel(
        "hourly",
        {
            "load": Dataset(
                TARGET, [Import({"load.parquet": parquet(TARGET, sales)}, form | {"Format": "PARQUET"})], frequency="H"
            ),
            "weather": Dataset(related, [Import({"weather.csv": text(weather)}, form)], "RELATED_TIME_SERIES", "H"),
        },
        {
            "auto": {"ForecastHorizon": horizon, "ForecastFrequency": "H", "ForecastTypes": QUANTILES},
            "cnn_qr": _by_name("CNN-QR", legacy | windows),
            "deep_ar": _by_name("Deep_AR_Plus", legacy),
        },
        [{"item_id": "meter_00"}, {"item_id": "meter_13"}],
        ["0.25", "mean", "0.75"],
    )


def intermittent() -> Panel:
    """Sixty items that mostly sell nothing, without rows on a tenth of the days; the last month is added later."""
    random, length = np.random.default_rng(2), 300
    days = np.datetime_as_string(np.datetime64("2023-06-01") + np.arange(length))
    earlier, later = [], []
    for item in range(60):
        sells = random.random(length) < random.uniform(0.03, 0.4)
        values = np.where(sells, random.negative_binomial(3, 0.4, length) + 1, 0)
        kept = random.random(length) > 0.1
        for rows, days_of_rows in ((earlier, np.arange(length) < 270), (later, np.arange(length) >= 270)):
            rows.extend(rows_of(f"part_{item:02}", days[kept & days_of_rows], values[kept & days_of_rows]))
    add = {"TimestampFormat": DAYS, "ImportMode": "INCREMENTAL"}
    zeros = {"frontfill": "none", "middlefill": "zero", "backfill": "zero"}
    pipeline = [{"FeaturizationMethodName": "filling", "FeaturizationMethodParameters": zeros}]
    filled = {"AttributeName": "target_value", "FeaturizationPipeline": pipeline}
    npts = {
        "ForecastHorizon": 14,
        "EvaluationParameters": {"NumberOfBacktestWindows": 3},
        "FeaturizationConfig": {"ForecastFrequency": "D", "Featurizations": [filled]},
    }
    weekly = {"ForecastFrequency": "W", "ForecastHorizon": 4, "TimeAlignmentBoundary": {"DayOfWeek": "SUNDAY"}}
    return Panel(
        "intermittent",
        {"parts": Dataset(TARGET, [Import({"first.csv": text(earlier)}), Import({"month.csv": text(later)}, add)])},
        {"auto": {"ForecastFrequency": "D", "ForecastHorizon": 14}, "weekly": weekly, "npts": _by_name("NPTS", npts)},
        [{"item_id": "part_00"}, {"item_id": "part_59"}],
        ["0.1", "0.5", "0.9", "mean"],
        shard_counts=(1, 8),
    )


def one_series() -> Panel:
    """Ten years of months of one series, with an index that nobody knows ahead."""
    random, length = np.random.default_rng(3), 120
    months = np.char.add(np.datetime_as_string(np.datetime64("2014-01") + np.arange(length)), "-01")
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(length) / 12)
    values = (100 + np.arange(length)) * season * random.gamma(400, 1 / 400, length)
    index = 50 + np.cumsum(random.normal(0, 1, length))
    target = Dataset(TARGET, [Import({"one.csv": text(rows_of("alone", months, values))})], frequency="M")
    columns = "item_id:string timestamp:timestamp index:float"
    known = Import({"index.csv": text(rows_of("alone", months, index))})
    auto = {"ForecastFrequency": "M", "ForecastHorizon": 12, "ForecastTypes": QUANTILES, "OptimizationMetric": "MASE"}
    legacy = {"ForecastHorizon": 12, "FeaturizationConfig": {"ForecastFrequency": "M"}}
    return Panel(
        "one_series",
        {"one": target, "index": Dataset(columns, [known], "RELATED_TIME_SERIES", "M")},
        {"auto": auto, "ets": _by_name("ETS", legacy), "arima": _by_name("ARIMA", legacy)},
        [{"item_id": "alone"}],
        ["0.01", "0.5", "0.99"],
    )


def cold_start() -> Panel:
    """Twenty items of two groups, half of which begin late, and four that are described and have no history."""
    random, length = np.random.default_rng(4), 200
    days = np.datetime_as_string(np.datetime64("2024-01-01") + np.arange(length))
    sales, described = [], []
    for item in range(24):
        level = (20, 80)[item % 2] * random.uniform(0.8, 1.2)
        described.append(f"dish_{item:02},{('soup', 'cake')[item % 2]},{round(level / 10, 2)}")
        values = level * (1 + 0.4 * np.sin(2 * np.pi * np.arange(length) / 7)) * random.gamma(30, 1 / 30, length)
        begins = (item % 4 > 1) * (150 + 2 * item)
        if item % 6 != 5:
            sales += rows_of(f"dish_{item:02}", days[begins:], values[begins:])
    columns = "item_id:string kind:string price:float"
    return Panel(
        "cold_start",
        {
            "dishes": Dataset(TARGET, [Import({"dishes.csv": text(sales)})]),
            "menu": Dataset(columns, [Import({"menu.csv": text(described)}, {})], "ITEM_METADATA", None),
        },
        {"auto": {"ForecastFrequency": "D", "ForecastHorizon": 10}},
        [{"item_id": "dish_00"}, {"item_id": "dish_05"}, {"item_id": "dish_23"}],
        ["0.1", "0.5", "0.9"],
    )


def schema(columns: str) -> dict[str, Any]:
    """Columns, given as ``name:type``, in the form of the API."""
    pairs = (column.split(":") for column in columns.split())
    return {"Attributes": [{"AttributeName": name, "AttributeType": kind} for name, kind in pairs]}


def text(rows: Iterable[str]) -> bytes:
    """Rows as the content of a CSV file."""
    return "".join(f"{row}\n" for row in rows).encode()


def rows_of(item: str, times: Iterable[str], values: Iterable[float]) -> list[str]:
    """The CSV rows of one series."""
    return [f"{item},{time},{value:.3f}" for time, value in zip(times, values, strict=True)]


def parquet(columns: str, rows: list[str]) -> bytes:
    """Rows of CSV as the content of a Parquet file that has these columns, timestamps as text."""
    types = {"string": "VARCHAR", "timestamp": "VARCHAR", "float": "DOUBLE"}
    named = {name: types[kind] for name, kind in (column.split(":") for column in columns.split())}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows")
        path.write_bytes(text(rows))
        duckdb.execute(f"COPY (FROM read_csv('{path}', header=false, columns={named})) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


def _sample(request: dict[str, Any], contents: dict[str, bytes]) -> Dataset:
    """A dataset as params.json describes it."""
    attributes = request["Schema"]["Attributes"]
    columns = " ".join(f"{attribute['AttributeName']}:{attribute['AttributeType']}" for attribute in attributes)
    name, frequency = _short(request), request.get("DataFrequency")
    timestamps = {"TimestampFormat": DAYS} if frequency else {}
    return Dataset(columns, [Import({f"{name}.csv": contents[name]}, timestamps)], request["DatasetType"], frequency)


def _short(request: dict[str, Any]) -> str:
    """``sales`` of ``fruit_shop_sales``."""
    return str(request["DatasetName"]).rpartition("_")[2]


def _by_name(algorithm: str, request: dict[str, Any]) -> dict[str, Any]:
    """The request with the algorithm of this name in place of AutoML."""
    others = {name: value for name, value in request.items() if name != "PerformAutoML"}
    return others | {"AlgorithmArn": f"arn:aws:forecast:::algorithm/{algorithm}"}
