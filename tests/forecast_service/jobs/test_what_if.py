"""What-if forecasts by the worker, of items whose price drives their demand: scenarios, their query, their exports."""

import csv
import io
from typing import Any

import duckdb
import numpy as np
import pytest

from forecast_service.jobs.dataset_import_job import read_files
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.table import Record
from forecast_service.storage.bucket import resource_prefix
from forecast_service.storage.forecast_query import query_forecast
from tests.forecast_service.jobs.conftest import ROLE_ARN, SERVICE_BUCKET, Service

ITEMS, DAYS, HORIZON = 24, 140, 7
START = np.datetime64("2020-01-01")
STEPS = [str(START + day) for day in range(DAYS, DAYS + HORIZON)]


def prices() -> np.ndarray:
    """[item, day]: between 8 and 14, and 10 all through the horizon."""
    found = np.random.default_rng(7).choice([8.0, 10.0, 12.0, 14.0], size=(ITEMS, DAYS + HORIZON))
    found[:, DAYS:] = 10.0
    return found


def target_rows() -> str:
    """What is dear sells less."""
    noise, price = np.random.default_rng(8).normal(size=(ITEMS, DAYS)), prices()
    week = 1 + 0.1 * np.sin(np.arange(DAYS) * 2 * np.pi / 7)
    demand = 100 * week * (10 / price[:, :DAYS]) ** 2 + noise
    return "".join(
        f"item_{item:02},{START + day},{demand[item, day]:.3f}\n" for item in range(ITEMS) for day in range(DAYS)
    )


def related_rows() -> str:
    """The price of each day, and a stock that says nothing and is known for the past only."""
    price = prices()
    return "".join(
        f"item_{item:02},{START + day},{price[item, day]},{5 if day < DAYS else ''}\n"
        for item in range(ITEMS)
        for day in range(DAYS + HORIZON)
    )


class Scenarios:
    """A baseline forecast, and what is made from it."""

    def __init__(self, service: Service, baseline: Record) -> None:
        self.service = service
        self.baseline = baseline

    def analysis(self, name: str = "prices", **request: Any) -> Record:
        """Create and run a what-if analysis of the baseline."""
        resource = f"what-if-analysis/{self.baseline.name}/{name}"
        parents = {"forecast": self.baseline.arn}
        return self.service.run(self.service.create("what_if_analysis", resource, request=request, parents=parents))

    def forecast(self, analysis: Record, name: str, **request: Any) -> Record:
        """Create and run a what-if forecast."""
        resource = f"what-if-forecast/{self.baseline.name}/{analysis.name}/{name}"
        parents = {"what_if_analysis": analysis.arn, "forecast": self.baseline.arn}
        return self.service.run(self.service.create("what_if_forecast", resource, request=request, parents=parents))

    def export(self, *forecasts: Record, name: str = "export", **request: Any) -> Record:
        """Create and run an export to the folder of its name."""
        destination = {"Destination": {"S3Config": {"Path": f"s3://customer-data/{name}", "RoleArn": ROLE_ARN}}}
        request |= destination | {"WhatIfForecastArns": [forecast.arn for forecast in forecasts]}
        resource = f"what-if-forecast-export/{forecasts[0].name}/{name}"
        parents = {"what_if_forecast": forecasts[0].arn}
        return self.service.run(
            self.service.create("what_if_forecast_export", resource, request=request, parents=parents)
        )

    def rows(self, *forecasts: Record, name: str = "export") -> list[dict[str, str]]:
        """The rows of a CSV export, all parts."""
        export = self.export(*forecasts, name=name)
        assert export.message is None
        keys = [key for key in self.service.keys(f"{name}/") if key.endswith(".csv")]
        return [row for key in keys for row in csv.DictReader(io.StringIO(self.service.read(key).decode()))]


def transformation(operation: str, value: float, *conditions: tuple[str, str, str]) -> dict[str, Any]:
    members = ("AttributeName", "Condition", "AttributeValue")
    named = [dict(zip(members, condition, strict=True)) for condition in conditions]
    return {
        "TimeSeriesTransformations": [
            {
                "Action": {"AttributeName": "price", "Operation": operation, "Value": value},
                "TimeSeriesConditions": named,
            }
        ]
    }


def replacement(path: str, *attributes: str) -> dict[str, Any]:
    """Attributes are given as ``name:type``."""
    schema = [dict(zip(("AttributeName", "AttributeType"), text.split(":"), strict=True)) for text in attributes]
    config = {"Path": path, "RoleArn": ROLE_ARN}
    source = {"S3Config": config, "Schema": {"Attributes": schema}, "Format": "CSV", "TimestampFormat": "yyyy-MM-dd"}
    return {"TimeSeriesReplacementsDataSource": source}


REPLACED = ("item_id:string", "timestamp:timestamp", "price:float")


def built(service: Service, name: str = "auto", **request: Any) -> Scenarios:
    """Import, train, and forecast; ``request`` is the forecast's."""
    target = service.import_data(
        service.dataset("item_id:string", "timestamp:timestamp", "target_value:float", name=f"{name}_sales"),
        service.put("train/a.csv", target_rows()),
    )
    columns = ("item_id:string", "timestamp:timestamp", "price:float", "stock:integer")
    related = service.dataset(*columns, name=f"{name}_prices", dataset_type="RELATED_TIME_SERIES")
    items = service.dataset(
        "item_id:string", "brand:string", name=f"{name}_items", dataset_type="ITEM_METADATA", frequency=None
    )
    brands = "".join(f"item_{item:02},{'plain' if item % 2 else 'fine'}\n" for item in range(ITEMS))
    inputs = {
        "TARGET_TIME_SERIES": target.arn,
        "RELATED_TIME_SERIES": service.import_data(related, service.put("related/a.csv", related_rows())).arn,
        "ITEM_METADATA": service.import_data(items, service.put("metadata/a.csv", brands)).arn,
    }
    predictor = trained(service, inputs, name)
    assert predictor.message is None
    return Scenarios(service, service.forecast(predictor, inputs, name=f"{name}_week", **request))


def trained(service: Service, inputs: dict[str, str], name: str, **request: Any) -> Record:
    """Create and run an auto predictor."""
    group = "arn:aws:forecast:us-east-1:123456789012:dataset-group/group"
    request = {
        "ForecastHorizon": HORIZON,
        "ForecastFrequency": "D",
        "ForecastTypes": ["0.1", "0.5", "0.9"],
        "DataConfig": {"DatasetGroupArn": group, "AttributeConfigs": []},
    } | request
    return service.run(
        service.create(
            "predictor", f"predictor/{name}", request=request, inputs=inputs, parents={"dataset_group": group}
        )
    )


@pytest.fixture
def scenarios(service: Service) -> Scenarios:
    return built(service)


def selector(path: str) -> dict[str, Any]:
    schema = {"Attributes": [{"AttributeName": "item_id", "AttributeType": "string"}]}
    source = {"S3Config": {"Path": path, "RoleArn": ROLE_ARN}}
    return {"TimeSeriesSelector": {"TimeSeriesIdentifiers": {"DataSource": source, "Schema": schema}}}


def values(rows: list[dict[str, str]], name: str) -> dict[tuple[str, str], tuple[float, ...]]:
    """(item, day) -> the three quantiles of a forecast in an export."""
    return {
        (row["item_id"], row["date"][:10]): tuple(
            float(row[f"{name}_{quantile}"]) for quantile in ("p10", "p50", "p90")
        )
        for row in rows
    }


def test_a_higher_price_lowers_the_forecast_and_the_baseline_stays_as_it_is(scenarios: Scenarios) -> None:
    service, baseline = scenarios.service, scenarios.baseline
    kept = {key: service.read(key, SERVICE_BUCKET) for key in service.keys(resource_prefix(baseline), SERVICE_BUCKET)}
    analysis = scenarios.analysis()
    assert analysis.facts == {"series_count": ITEMS}
    dear = scenarios.forecast(analysis, "dear", **transformation("MULTIPLY", 1.3))
    assert dear.facts["series_count"] == ITEMS
    assert dear.facts["changed_value_count"] == ITEMS * HORIZON
    rows = scenarios.rows(dear)
    before, after = values(rows, "Baseline"), values(rows, "dear")
    assert set(after) == {(f"item_{item:02}", step) for item in range(ITEMS) for step in STEPS}
    assert all(after[key][1] < before[key][1] for key in after)
    assert all(low <= middle <= high for low, middle, high in after.values())
    truth = 100 * (10 / 13) ** 2  # what the data were made with; the week's season averages out
    assert np.mean([middle for _, middle, _ in after.values()]) == pytest.approx(truth, rel=0.1)
    for prediction in query_forecast(dear, {"item_id": "item_03"})["p50"]:
        assert after["item_03", prediction["Timestamp"][:10]][1] == prediction["Value"]
    found = {key: service.read(key, SERVICE_BUCKET) for key in service.keys(resource_prefix(baseline), SERVICE_BUCKET)}
    assert found == kept


def test_what_a_condition_does_not_name_is_the_baseline_to_the_last_bit(scenarios: Scenarios) -> None:
    analysis = scenarios.analysis()
    half = transformation("DIVIDE", 1.25, ("item_id", "EQUALS", "item_05"))
    one = scenarios.forecast(analysis, "one", **half)
    fine = scenarios.forecast(analysis, "fine", **transformation("SUBTRACT", 2, ("Brand", "NOT_EQUALS", "plain")))
    late = scenarios.forecast(analysis, "late", **transformation("ADD", 3, ("timestamp", "GREATER_THAN", STEPS[3])))
    none = scenarios.forecast(analysis, "none", **transformation("ADD", 3, ("price", "LESS_THAN", "9.9")))
    rows = scenarios.rows(one, fine, late) + scenarios.rows(none, name="nothing")
    changed = {
        name: {
            key
            for key, found in values([row for row in rows if f"{name}_p50" in row], name).items()
            if found != values(rows, "Baseline")[key]
        }
        for name in ("one", "fine", "late", "none")
    }
    assert changed["one"] == {("item_05", step) for step in STEPS}
    assert changed["fine"] == {(f"item_{item:02}", step) for item in range(0, ITEMS, 2) for step in STEPS}
    assert changed["late"] == {(f"item_{item:02}", step) for item in range(ITEMS) for step in STEPS[4:]}
    assert changed["none"] == set()
    assert (one.facts["changed_value_count"], none.facts["changed_value_count"]) == (HORIZON, 0)


def test_a_replacement_gives_what_the_equal_transformation_gives(scenarios: Scenarios) -> None:
    service, analysis = scenarios.service, scenarios.analysis()
    conditions = [("item_id", "NOT_EQUALS", "item_00"), ("timestamp", "LESS_THAN", STEPS[2])]
    transformed = scenarios.forecast(analysis, "transformed", **transformation("MULTIPLY", 1.3, *conditions))
    lines = [f"{step},13,item_{item:02}" for item in range(1, ITEMS) for step in STEPS[:2]]
    service.put("scenario/a.csv", "timestamp,price,item_id\n" + "\n".join(lines[:20]))
    extraneous = ["2020-05-01,99,item_03", f"{STEPS[0]},99,nobody", f"{STEPS[6]},,item_03"]
    service.put("scenario/b.csv", "\n".join([*extraneous, *reversed(lines[20:])]))
    names = ("timestamp:timestamp", "price:integer", "item_id:string")
    replaced = scenarios.forecast(analysis, "replaced", **replacement("s3://customer-data/scenario/", *names))
    assert replaced.message is None
    rows = scenarios.rows(transformed, replaced)
    assert values(rows, "replaced") == values(rows, "transformed") != values(rows, "Baseline")
    assert replaced.facts == transformed.facts


@pytest.mark.parametrize("of_the_baseline", [True, False])
def test_only_the_selected_series_are_in_a_scenario(service: Service, of_the_baseline: bool) -> None:
    few = selector(service.put("few.csv", "item_03\nnobody\nitem_11\nitem_03\n"))
    fewer = selector(service.put("fewer.csv", "item_11\nitem_12\n"))
    scenarios = built(service, **few if of_the_baseline else {})
    analysis = scenarios.analysis(**{} if of_the_baseline else few)
    assert analysis.facts == {"series_count": 2}
    sentence = "s3://customer-data/none.csv: found no series that the forecast holds, wanted at least one."
    none = scenarios.analysis("none", **selector(service.put("none.csv", "item_04x\n")))
    assert (none.status, none.message) == ("CREATE_FAILED", sentence)
    dear = scenarios.forecast(analysis, "dear", **transformation("MULTIPLY", 1.3))
    rows = scenarios.rows(dear)
    assert {row["item_id"] for row in rows} == {"item_03", "item_11"}
    assert len(rows) == 2 * HORIZON
    with pytest.raises(InvalidInputException, match="found no series with item_id=item_04"):
        query_forecast(dear, {"item_id": "item_04"})
    both = scenarios.forecast(scenarios.analysis("fewer", **fewer), "both", **transformation("MULTIPLY", 1.3))
    found = values(scenarios.rows(both, name="fewer"), "both")
    selected = {"item_11"} if of_the_baseline else {"item_11", "item_12"}
    assert {item for item, _ in found} == selected
    assert all(value == values(rows, "dear")[key] for key, value in found.items() if key[0] == "item_11")


def test_shards_and_repeated_steps_change_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    path = service.put("scenario.csv", "".join(f"item_{item:02},{STEPS[1]},14\n" for item in range(0, ITEMS, 3)))
    for shard_count in (1, 2):
        monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes, count=shard_count: count)
        scenarios = built(service, f"by_{shard_count}")
        service.machine.repeats_steps = shard_count == 2
        chosen = selector(service.put("selected.csv", "".join(f"item_{item:02}\n" for item in range(20))))
        analysis = scenarios.analysis(f"of_{shard_count}", **chosen)
        forecasts = [
            scenarios.forecast(analysis, "cheap", **transformation("MULTIPLY", 0.8)),
            scenarios.forecast(analysis, "replaced", **replacement(path, *REPLACED)),
        ]
        folder = f"export_{shard_count}"
        rows = scenarios.rows(*forecasts, name=folder)
        assert len([key for key in service.keys(f"{folder}/") if key.endswith(".csv")]) == shard_count
        found.append(sorted(rows, key=lambda row: (row["item_id"], row["date"])))
    assert len(found[0]) == 20 * HORIZON
    assert found[0] == found[1]


def test_an_export_has_the_columns_of_the_baseline_and_of_each_scenario(scenarios: Scenarios) -> None:
    service, analysis = scenarios.service, scenarios.analysis()
    cheap = scenarios.forecast(analysis, "Cheap_Week", **transformation("MULTIPLY", 0.8))
    dear = scenarios.forecast(analysis, "dear", **transformation("MULTIPLY", 1.3))
    rows = scenarios.rows(dear, cheap)
    names = [f"{name}_{quantile}" for name in ("Baseline", "dear", "Cheap_Week") for quantile in ("p10", "p50", "p90")]
    assert list(rows[0]) == ["date", "item_id", *names]
    assert [(row["item_id"], row["date"]) for row in rows[:8]] == [
        *(("item_00", f"{step}T00:00:00Z") for step in STEPS),
        ("item_01", f"{STEPS[0]}T00:00:00Z"),
    ]
    in_parquet = scenarios.export(dear, cheap, name="parquet", Format="PARQUET")
    (key,) = (key for key in service.keys("parquet/") if key.endswith(".parquet"))
    assert key.rpartition("/")[2].startswith(f"{in_parquet.name}_20")
    assert {"parquet/_CHECK", "parquet/_SUCCESS"} < set(service.keys("parquet/"))
    table = duckdb.read_parquet(io.BytesIO(service.read(key)))
    assert table.columns == list(rows[0])
    assert [[*map(str, row)] for row in table.fetchall()] == [list(row.values()) for row in rows]


UNUSABLE = [  # attribute, content of the file, what the failed forecast says
    (
        "price",
        "item_01,2020-05-21,9\n\nitem_02,2020-05-21,9\nitem_01,2020-05-21,8\n",
        "s3://customer-data/0.csv, line 4: found a second row of item_01 in the period of 2020-05-21T00:00:00,"
        " wanted one.",
    ),
    (
        "price",
        "item_id,timestamp,price\nitem_01,2020-05-21,9\nitem_01,2020-05-22,cheap\n",
        "s3://customer-data/1.csv, line 3, column price: found 'cheap', wanted a number.",
    ),
    (
        "price",
        "item_01,21.05.2020,9\n",
        "s3://customer-data/2.csv, line 1, column timestamp: found '21.05.2020', wanted a timestamp of the form"
        " yyyy-MM-dd.",
    ),
    (
        "price",
        "nobody,2020-05-21,9\nitem_01,2020-05-19,9\n",
        "s3://customer-data/3.csv: found no row for a series of the analysis from 2020-05-20T00:00:00 to"
        " 2020-05-26T00:00:00, wanted at least one.",
    ),
    (
        "price",
        "",
        "s3://customer-data/4.csv: found no file with data, wanted one that holds rows of related time series.",
    ),
    (
        "stock",
        "item_01,2020-05-21,9\n",
        "The predictor knows stock in the past only; wanted a scenario of price.",
    ),
    (
        "price",
        "item_01,2020-05-21,1e200\n",
        "The scenario gives price of item_01 the value 1e+200 at 2020-05-21T00:00:00: wanted a number between"
        " -1e+100 and 1e+100.",
    ),
]


def test_a_replacement_that_cannot_be_used_fails_with_one_sentence(scenarios: Scenarios) -> None:
    service, analysis = scenarios.service, scenarios.analysis()
    for number, (attribute, content, sentence) in enumerate(UNUSABLE):
        path = service.put(f"{number}.csv", content)
        columns = ("item_id:string", "timestamp:timestamp", f"{attribute}:float")
        failed = scenarios.forecast(analysis, f"failed_{number}", **replacement(path, *columns))
        assert (failed.status, failed.message) == ("CREATE_FAILED", sentence)
        assert service.keys(resource_prefix(failed), SERVICE_BUCKET) == []


def test_a_condition_on_what_is_known_in_the_past_only_fails_with_one_sentence(scenarios: Scenarios) -> None:
    in_stock = transformation("ADD", 1, ("stock", "GREATER_THAN", "1"))
    failed = scenarios.forecast(scenarios.analysis(), "in_stock", **in_stock)
    assert failed.message == "The predictor knows stock in the past only; wanted a scenario of price."


def of_price_alone(service: Service, target_text: str, related_text: str) -> Scenarios:
    """A forecast from a target and the prices of its items."""
    target = service.import_data(
        service.dataset("item_id:string", "timestamp:timestamp", "target_value:float"),
        service.put("train/a.csv", target_text),
    )
    columns = ("item_id:string", "timestamp:timestamp", "price:float")
    related = service.dataset(*columns, name="prices", dataset_type="RELATED_TIME_SERIES")
    job = service.import_data(related, service.put("related/a.csv", related_text))
    inputs = {"TARGET_TIME_SERIES": target.arn, "RELATED_TIME_SERIES": job.arn}
    scenarios = Scenarios(service, service.forecast(trained(service, inputs, "price_alone"), inputs))
    assert scenarios.baseline.message is None
    return scenarios


def test_related_series_that_end_with_the_history_are_no_ground_for_scenarios(service: Service) -> None:
    past = [line.rpartition(",")[0] for line in related_rows().splitlines() if line.split(",")[1] < STEPS[0]]
    analysis = of_price_alone(service, target_rows(), "\n".join(past)).analysis()
    assert analysis.status == "CREATE_FAILED"
    assert str(analysis.message).startswith("The predictor knows the related time series (price) in the past only;")


def test_too_little_data_to_learn_prices_from_are_no_ground_for_scenarios(service: Service) -> None:
    of_one_item = [line for line in target_rows().splitlines() if line.startswith("item_00")]
    its_prices = [line.rpartition(",")[0] for line in related_rows().splitlines() if line.startswith("item_00")]
    analysis = of_price_alone(service, "\n".join(of_one_item), "\n".join(its_prices)).analysis()
    assert analysis.status == "CREATE_FAILED"
    assert str(analysis.message).startswith("The predictor found too little data to learn from the related time series")


def test_prices_of_shops_change_in_all_their_tills(service: Service) -> None:
    """Related series lack the dimension till: they, and what replaces them, hold for each till of a shop."""
    noise, price = np.random.default_rng(9).normal(size=(6, 3, 2, DAYS)), prices()[:18].reshape(6, 3, -1)
    demand = 50 * (10 / price[:, :, None, :DAYS]) ** 2 * np.array([1, 2])[None, None, :, None] + noise
    places = [(item, shop) for item in range(6) for shop in range(3)]
    sales = "".join(
        f"item_{item},{START + day},{demand[item, shop, till, day]:.3f},shop_{shop},{till}\n"
        for item, shop in places
        for till in range(2)
        for day in range(DAYS)
    )
    known = "".join(
        f"shop_{shop},item_{item},{START + day},{price[item, shop, day]}\n"
        for item, shop in places
        for day in range(DAYS + HORIZON)
    )
    attributes = ("item_id:string", "timestamp:timestamp", "target_value:float", "shop:string", "till:string")
    target = service.import_data(service.dataset(*attributes), service.put("train/a.csv", sales))
    columns = ("shop:string", "item_id:string", "timestamp:timestamp", "price:float")
    related = service.dataset(*columns, name="prices", dataset_type="RELATED_TIME_SERIES")
    job = service.import_data(related, service.put("related/a.csv", known))
    inputs = {"TARGET_TIME_SERIES": target.arn, "RELATED_TIME_SERIES": job.arn}
    predictor = trained(service, inputs, "shops", ForecastDimensions=["shop", "till"])
    scenarios = Scenarios(service, service.forecast(predictor, inputs))
    analysis = scenarios.analysis()
    rows = "".join(f"item_2,{step},13,shop_1\n" for step in STEPS)
    names = ("item_id:string", "timestamp:timestamp", "price:float", "shop:string")
    replaced = scenarios.forecast(analysis, "replaced", **replacement(service.put("s.csv", rows), *names))
    assert replaced.message is None
    conditions = [("shop", "EQUALS", "shop_1"), ("item_id", "EQUALS", "item_2")]
    both = scenarios.forecast(analysis, "both", **transformation("MULTIPLY", 1.3, *conditions))
    conditions.append(("till", "NOT_EQUALS", "0"))
    till = scenarios.forecast(analysis, "till", **transformation("MULTIPLY", 1.3, *conditions))
    rows_of = scenarios.rows(replaced, both, till)
    assert list(rows_of[0])[:5] == ["date", "item_id", "shop", "till", "Baseline_p10"]
    lower = {
        name: {
            (row["item_id"], row["shop"], row["till"]) for row in rows_of if row[f"{name}_p50"] != row["Baseline_p50"]
        }
        for name in ("replaced", "both", "till")
    }
    assert lower["both"] == lower["replaced"] == {("item_2", "shop_1", "0"), ("item_2", "shop_1", "1")}
    assert lower["till"] == {("item_2", "shop_1", "1")}
    assert all(row["both_p50"] == row["replaced_p50"] for row in rows_of)
