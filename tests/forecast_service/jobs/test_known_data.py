"""Predictors and forecasts that know more than their target: the whole way from files to queries and exports."""

from typing import Any

import numpy as np
import pytest

from forecast_service.jobs.dataset_import_job import read_files
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.record import Record
from forecast_service.storage.bucket import resource_prefix
from forecast_service.storage.forecast_query import query_forecast
from forecast_service.storage.shards import shard_of
from tests.forecast_service.jobs.sample_data import TARGET, exported, selector
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service, made_once

ITEMS, DAYS, HORIZON = 40, 120, 7
START = np.datetime64("2020-01-01")
RELATED = ("item_id:string", "timestamp:timestamp", "promotion:integer")


def promotions() -> np.ndarray:
    """[item, day]: a promotion on a fifth of the days, at random."""
    return np.random.default_rng(3).random((ITEMS, DAYS + HORIZON)) < 0.2


def sales() -> np.ndarray:
    """[item, day]: small items and large ones, in turn; a promotion doubles the sales of a day."""
    level = np.where(np.arange(ITEMS) % 2, 200.0, 20.0)[:, None]
    noise = np.random.default_rng(4).normal(1, 0.05, (ITEMS, DAYS + HORIZON))
    return level * noise * np.where(promotions(), 2, 1)


def lines(values: np.ndarray, days: int) -> str:
    return "".join(
        f"item_{item},{START + day},{values[item, day]:.0f}\n" for item in range(ITEMS) for day in range(days)
    )


def add(service: Service, text: str, *attributes: str, dataset_type: str, name: str) -> Record:
    frequency = None if dataset_type == "ITEM_METADATA" else "D"
    dataset = service.dataset(*attributes, name=name, dataset_type=dataset_type, frequency=frequency)
    record = service.import_data(dataset, service.put(f"{name}.csv", text))
    assert record.status == "ACTIVE", record.message
    return record


def imported_promotions(service: Service) -> dict[str, str]:
    """Imports of sales and of promotions that are known a week ahead."""
    target = add(service, lines(sales(), DAYS), *TARGET, dataset_type="TARGET_TIME_SERIES", name="sales")
    text = lines(promotions().astype(int), DAYS + HORIZON)
    related = add(service, text, *RELATED, dataset_type="RELATED_TIME_SERIES", name="promotions")
    return {"TARGET_TIME_SERIES": target.arn, "RELATED_TIME_SERIES": related.arn}


def imported_sizes(service: Service) -> dict[str, str]:
    """The same, with metadata that tell small items from large ones, and two items that were never sold."""
    inputs = made_once(service, imported_promotions)
    sizes = [f"item_{item},{'large' if item % 2 else 'small'}\n" for item in range(ITEMS)]
    sizes += ["new_large,large\n", "new_small,small\n"]
    metadata = add(service, "".join(sizes), "item_id:string", "size:string", dataset_type="ITEM_METADATA", name="sizes")
    return inputs | {"ITEM_METADATA": metadata.arn}


def train(service: Service, inputs: dict[str, str], name: str = "predictor", **request: Any) -> Record:
    request = {"ForecastHorizon": HORIZON, "ForecastFrequency": "D", "ForecastTypes": ["0.1", "0.5", "0.9"]} | request
    parents = {"dataset_group": "arn:aws:forecast:us-east-1:123456789012:dataset-group/group"}
    record = service.create("predictor", f"predictor/{name}", request=request, inputs=inputs, parents=parents)
    return service.run(record)


def predictor_of_promotions(service: Service) -> Record:
    return train(service, made_once(service, imported_promotions))


def predictor_of_sizes(service: Service) -> Record:
    return train(service, made_once(service, imported_sizes))


@pytest.fixture
def inputs(service: Service) -> dict[str, str]:
    return made_once(service, imported_promotions)


@pytest.fixture
def with_sizes(service: Service) -> dict[str, str]:
    return made_once(service, imported_sizes)


def weighted_loss(predictor: Record) -> float:
    summary = predictor.outcome["PredictorEvaluationResults"][0]["TestWindows"][0]
    return float(summary["Metrics"]["AverageWeightedQuantileLoss"])


def test_promotions_of_the_coming_week_are_in_its_forecast(service: Service, inputs: dict[str, str]) -> None:
    predictor = made_once(service, predictor_of_promotions)
    assert predictor.status == "ACTIVE", predictor.message
    forecast = service.forecast(predictor, inputs)
    assert forecast.status == "ACTIVE", forecast.message
    coming = promotions()[:, DAYS:]
    ratios = []
    for item in range(ITEMS):
        median = np.array([step["Value"] for step in query_forecast(forecast, {"item_id": f"item_{item}"})["p50"]])
        if 0 < coming[item].sum() < HORIZON:
            ratios.append(median[coming[item]].mean() / median[~coming[item]].mean())
    assert np.median(ratios) > 1.4  # twice is true; who knows nothing of promotions forecasts the same for both

    blind = train(service, {"TARGET_TIME_SERIES": inputs["TARGET_TIME_SERIES"]}, name="blind")
    assert weighted_loss(predictor) < 0.8 * weighted_loss(blind)


def test_items_without_history_are_forecast_like_those_of_their_kind(
    service: Service, with_sizes: dict[str, str]
) -> None:
    predictor = made_once(service, predictor_of_sizes)
    forecast = service.forecast(predictor, with_sizes)
    assert forecast.status == "ACTIVE", forecast.message
    assert forecast.facts["series_count"] == ITEMS + 2
    service.export(forecast, "s3://caller-data/out")
    header, *rows = exported(service, "out/")
    assert header == ["item_id", "size", "date", "p10", "p50", "p90"]
    assert len(rows) == (ITEMS + 2) * HORIZON
    middle = {name: [float(row[4]) for row in rows if row[0] == name] for name in ("new_large", "new_small")}
    assert [len(values) for values in middle.values()] == [HORIZON, HORIZON]
    assert np.mean(middle["new_large"]) > 3 * np.mean(middle["new_small"]) > 0  # 200 and 20 a day, and up to twice that
    assert [step["Value"] for step in query_forecast(forecast, {"item_id": "new_large"})["p50"]] == middle["new_large"]


def test_new_items_are_found_in_shards_where_nothing_was_sold(
    service: Service, with_sizes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = {shard_of(f"item_{item}", 16) for item in range(ITEMS)}
    assert [shard_of(item, 16) in sold for item in ("new_small", "new_large")] == [True, False]
    monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes: 16)
    dataset = service.records.get(service.records.get(with_sizes["TARGET_TIME_SERIES"]).parents["dataset"])
    sharded = service.import_data(dataset, "s3://caller-data/sales.csv", name="sharded")
    inputs = with_sizes | {"TARGET_TIME_SERIES": sharded.arn}
    predictor = train(service, inputs)
    chosen = selector(service.put("chosen.csv", "new_small\nitem_3\nnobody\n"), "item_id")
    whole = service.forecast(predictor, inputs, name="whole")
    some = service.forecast(predictor, inputs, name="some", TimeSeriesSelector=chosen)
    assert (whole.facts["series_count"], some.facts["series_count"]) == (ITEMS + 2, 2)
    for name in ("new_small", "new_large"):
        assert len(query_forecast(whole, {"item_id": name})["p50"]) == HORIZON
    assert query_forecast(some, {"item_id": "new_small"}) == query_forecast(whole, {"item_id": "new_small"})
    with pytest.raises(InvalidInputException, match="found no series with item_id=new_large"):
        query_forecast(some, {"item_id": "new_large"})


def test_the_number_of_shards_changes_no_bit(
    service: Service, with_sizes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = made_once(service, predictor_of_sizes)
    monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes: 8)
    dataset = service.records.get(service.records.get(with_sizes["TARGET_TIME_SERIES"]).parents["dataset"])
    sharded = service.import_data(dataset, "s3://caller-data/sales.csv", name="sharded")
    inputs = with_sizes | {"TARGET_TIME_SERIES": sharded.arn}
    service.machine.repeats_steps = True
    eight = train(service, inputs, name="eight")
    assert eight.facts["shard_count"] == 8
    assert eight.outcome == one.outcome
    for name in ("item_7", "new_large"):
        first, second = (
            query_forecast(service.forecast(predictor, data, name=f"of_{predictor.name}_{name}"), {"item_id": name})
            for predictor, data in ((one, with_sizes), (eight, inputs))
        )
        assert first == second


def test_only_what_forecasts_need_is_kept_of_a_training(service: Service, with_sizes: dict[str, str]) -> None:
    predictor = made_once(service, predictor_of_sizes)
    prefix = resource_prefix(predictor)
    names = [key.removeprefix(prefix) for key in service.keys(prefix, SERVICE_BUCKET)]
    assert names == ["plan.json", "shared/3.json", "state/3/0000.npz"]


def test_a_gap_fails_the_training_with_one_sentence(service: Service, inputs: dict[str, str]) -> None:
    gap = f"item_5,{START + 30},"
    text = "".join(line for line in lines(promotions().astype(int), DAYS).splitlines(True) if not line.startswith(gap))
    related = add(service, text, *RELATED, dataset_type="RELATED_TIME_SERIES", name="torn")
    predictor = train(service, inputs | {"RELATED_TIME_SERIES": related.arn})
    assert (predictor.status, predictor.message) == (
        "CREATE_FAILED",
        "The related time series of 'item_5': found no promotion at 2020-01-31T00:00:00, "
        "wanted a value, or a middlefill for promotion.",
    )


def test_promotions_that_end_before_the_week_to_forecast_fail_the_forecast(
    service: Service, inputs: dict[str, str]
) -> None:
    predictor = made_once(service, predictor_of_promotions)
    related = add(
        service,
        lines(promotions().astype(int), DAYS),
        *RELATED,
        dataset_type="RELATED_TIME_SERIES",
        name="short",
    )
    forecast = service.forecast(predictor, inputs | {"RELATED_TIME_SERIES": related.arn})
    assert forecast.status == "CREATE_FAILED"
    assert forecast.message == (
        "The related time series of 'item_0': found promotion up to 2020-04-29T00:00:00, "
        "wanted it up to 2020-05-06T00:00:00, the end of the forecast, or a futurefill for promotion."
    )
