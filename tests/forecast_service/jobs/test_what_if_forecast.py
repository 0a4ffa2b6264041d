"""What-if forecasts by the worker, of items whose price drives their demand: scenarios, their query, their exports."""

import numpy as np
import pytest

from forecast_service.jobs.dataset_import_job import read_files
from forecast_service.storage.bucket import resource_prefix
from forecast_service.storage.forecast_query import query_forecast
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service
from tests.forecast_service.jobs.what_if_scenarios import (
    DAYS,
    HORIZON,
    ITEMS,
    REPLACED,
    START,
    STEPS,
    Scenarios,
    baseline,
    prices,
    replacement,
    selector,
    trained,
    transformation,
    values,
)


def test_a_higher_price_lowers_the_forecast_and_the_baseline_stays_as_it_is(scenarios: Scenarios) -> None:
    service, prefix = scenarios.service, resource_prefix(scenarios.baseline)
    kept = {key: service.read(key, SERVICE_BUCKET) for key in service.keys(prefix, SERVICE_BUCKET)}
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
    found = {key: service.read(key, SERVICE_BUCKET) for key in service.keys(prefix, SERVICE_BUCKET)}
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
    replaced = scenarios.forecast(analysis, "replaced", **replacement("s3://caller-data/scenario/", *names))
    assert replaced.message is None
    rows = scenarios.rows(transformed, replaced)
    assert values(rows, "replaced") == values(rows, "transformed") != values(rows, "Baseline")
    assert replaced.facts == transformed.facts


def test_shards_and_repeated_steps_change_nothing(scenarios: Scenarios, monkeypatch: pytest.MonkeyPatch) -> None:
    found, service = [], scenarios.service
    path = service.put("scenario.csv", "".join(f"item_{item:02},{STEPS[1]},14\n" for item in range(0, ITEMS, 3)))
    for shard_count in (1, 2):
        if shard_count == 2:
            monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes: 2)
            scenarios = Scenarios(service, baseline(service, "by_two"))
            service.machine.repeats_steps = True
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


UNUSABLE = [  # attribute, content of the file, what the failed forecast says
    (
        "price",
        "item_01,2020-05-21,9\n\nitem_02,2020-05-21,9\nitem_01,2020-05-21,8\n",
        "s3://caller-data/0.csv, line 4: found a second row of item_01 in the period of 2020-05-21T00:00:00,"
        " wanted one.",
    ),
    (
        "price",
        "item_id,timestamp,price\nitem_01,2020-05-21,9\nitem_01,2020-05-22,cheap\n",
        "s3://caller-data/1.csv, line 3, column price: found 'cheap', wanted a number.",
    ),
    (
        "price",
        "item_01,21.05.2020,9\n",
        "s3://caller-data/2.csv, line 1, column timestamp: found '21.05.2020', wanted a timestamp of the form"
        " yyyy-MM-dd.",
    ),
    (
        "price",
        "nobody,2020-05-21,9\nitem_01,2020-05-19,9\n",
        "s3://caller-data/3.csv: found no row for a series of the analysis from 2020-05-20T00:00:00 to"
        " 2020-05-26T00:00:00, wanted at least one.",
    ),
    (
        "price",
        "",
        "s3://caller-data/4.csv: found no file with data, wanted one that holds rows of related time series.",
    ),
    (
        "stock",
        "item_01,2020-05-21,9\n",
        "The predictor knows stock in the past only; wanted a scenario of price.",
    ),
    (
        "price",
        "item_01,2020-05-21,1e200\n",
        "s3://caller-data/6.csv, line 1, column price: found '1e200', wanted a number between -1e+100 and 1e+100.",
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


def tills_of_shops(service: Service) -> Scenarios:
    """Six items in three shops of two tills each; the related time series have the shop, and not the till."""
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
    return Scenarios(service, service.forecast(predictor, inputs))


def test_prices_of_shops_change_in_all_their_tills(service: Service) -> None:
    """Related series lack the dimension till: they, and what replaces them, hold for each till of a shop."""
    scenarios = tills_of_shops(service)
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
