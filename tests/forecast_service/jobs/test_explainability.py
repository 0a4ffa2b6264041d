"""Explanations by the worker: of a predictor, of series and time points of a forecast."""

from typing import Any

import numpy as np
import pytest

from forecast_engine.arrays.series_hash import HASH_COUNT, series_hashes
from forecast_service.jobs import explainability as explainability_job
from forecast_service.jobs.dataset_import_job import read_files
from forecast_service.records.record import Record
from tests.forecast_service.jobs.explained_sales import (
    HORIZON,
    ITEMS,
    explained,
    exported,
    imported_inputs,
    predictor_of_all,
    sold,
    trained,
)
from tests.forecast_service.jobs.service import ROLE_ARN, SERVICE_BUCKET, Service, made_once

NAMES = ["price", "shelf", "brand"]


@pytest.fixture
def inputs(service: Service) -> dict[str, str]:
    return made_once(service, imported_inputs)


@pytest.fixture
def predictor(service: Service, inputs: dict[str, str]) -> Record:
    return made_once(service, predictor_of_all)


def chosen(service: Service, *keys: str) -> dict[str, Any]:
    """The members that choose series."""
    config = {"Path": service.put("chosen.csv", "\n".join(keys)), "RoleArn": ROLE_ARN}
    attributes = [{"AttributeName": "item_id", "AttributeType": "string"}]
    return {"DataSource": {"S3Config": config}, "Schema": {"Attributes": attributes}}


def scores(row: dict[str, str], form: str) -> list[float]:
    return [float(row[f"{name}-{form}ImpactScore"]) for name in NAMES]


def test_what_drives_demand_has_the_largest_score_of_a_predictor(service: Service, predictor: Record) -> None:
    explainability = explained(service, predictor)
    assert explainability.message is None
    (row,) = exported(service, explainability)
    assert list(row) == [f"{name}-NormalizedImpactScore" for name in NAMES]
    price, shelf, brand = scores(row, "Normalized")
    assert price == -1  # all of the horizon is dear, and what is dear sells less
    assert shelf == 0  # it never changes
    assert abs(brand) < 0.1  # it means nothing


def test_a_predictor_of_many_series_is_explained_by_a_share_of_them(
    service: Service, predictor: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explainability_job, "_MOST_CELLS", ITEMS * HORIZON // 2)
    explainability = explained(service, predictor)
    hashes = series_hashes(sold())
    assert explainability.facts == {"series_count": int((hashes < HASH_COUNT // 2).sum())}
    assert 0 < explainability.facts["series_count"] < ITEMS
    (row,) = exported(service, explainability)
    assert scores(row, "Normalized")[0] == -1


def test_scores_of_a_forecast_are_in_units_of_the_target(service: Service, predictor: Record) -> None:
    explainability = explained(service, service.forecast(predictor, predictor.inputs))
    assert explainability.message is None
    assert explainability.facts == {"series_count": ITEMS, "point_count": HORIZON}
    *rows, everything = exported(service, explainability)
    assert [row["item_id"] for row in rows] == [f"item_{item:02}" for item in range(ITEMS)]
    assert {row["timestamp"] for row in rows} == {"Aggregate"}
    for row in rows:
        price, shelf, brand = scores(row, "Raw")
        # 50 are sold of what is dear, 85 on an average day: 70 % of the days with 100, 30 % with 50.
        assert price == pytest.approx(50 - 85, rel=0.25)
        assert (shelf, abs(brand) < 1) == (0, True)
    largest = max(abs(value) for row in rows for value in scores(row, "Raw"))
    for row in rows:
        assert scores(row, "Normalized") == pytest.approx([value / largest for value in scores(row, "Raw")])
    assert (everything["item_id"], everything["timestamp"]) == ("Aggregate", "Aggregate")
    means = np.mean([scores(row, "Normalized") for row in rows], axis=0)
    assert scores(everything, "Normalized") == pytest.approx(means)
    assert {everything[f"{name}-RawImpactScore"] for name in NAMES} == {""}


def test_chosen_series_have_a_score_at_each_chosen_time_point(service: Service, predictor: Record) -> None:
    forecast = service.forecast(predictor, predictor.inputs)
    points = {"StartDateTime": "2020-05-21T09:00:00", "EndDateTime": "2020-05-24T00:00:00"}
    some = explained(service, forecast, "some", **chosen(service, "item_03", "item_11", "nobody"), **points)
    assert some.message is None
    rows = {(row["item_id"], row["timestamp"]): row for row in exported(service, some, "some")}
    days = ["2020-05-22T00:00:00Z", "2020-05-23T00:00:00Z", "2020-05-24T00:00:00Z"]
    items = [(item, label) for item in ("item_03", "item_11") for label in (*days, "Aggregate")]
    assert [*rows] == [*items, ("Aggregate", "Aggregate")]
    for item in ("item_03", "item_11"):
        at_points = [scores(rows[item, day], "Raw") for day in days]
        assert scores(rows[item, "Aggregate"], "Raw") == pytest.approx(np.mean(at_points, axis=0))
    assert min(scores(rows[key], "Normalized")[0] for key in items) == -1
    alone = explained(service, forecast, "alone", **chosen(service, "item_11"), **points)
    for row in exported(service, alone, "alone")[:-1]:
        assert scores(row, "Raw") == scores(rows[row["item_id"], row["timestamp"]], "Raw")


def test_shards_and_repeated_steps_change_no_score(
    service: Service, inputs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes: 4)
    dataset = service.records.get(service.records.get(inputs["TARGET_TIME_SERIES"]).parents["dataset"])
    sharded = service.import_data(dataset, "s3://caller-data/train/", name="sharded")
    found = []
    for name, target in (("one", inputs["TARGET_TIME_SERIES"]), ("four", sharded.arn)):
        service.machine.repeats_steps = name == "four"
        predictor = trained(service, inputs | {"TARGET_TIME_SERIES": target}, name)
        forecast = service.forecast(predictor, predictor.inputs, name)
        some = chosen(service, *(f"item_{item:02}" for item in range(5)))
        resources = {f"{name}_a": predictor, f"{name}_b": forecast}
        tables = [
            exported(service, explained(service, resource, key, **(some if resource is forecast else {})), key)
            for key, resource in resources.items()
        ]
        found.append(tables)
    assert found[0] == found[1]


def test_new_items_and_holidays_are_explained_too(service: Service, inputs: dict[str, str]) -> None:
    items = service.records.get(service.records.get(inputs["ITEM_METADATA"]).parents["dataset"])
    brands = "".join(f"item_{item:02},{'plain' if item % 2 else 'fine'}\n" for item in range(ITEMS))
    metadata = service.import_data(items, service.put("newer/a.csv", f"{brands}newcomer,fine\n"), name="newer")
    only_items = {"TARGET_TIME_SERIES": inputs["TARGET_TIME_SERIES"], "ITEM_METADATA": metadata.arn}
    holidays = [{"Name": "holiday", "Configuration": {"CountryCode": ["US"]}}]
    predictor = trained(service, only_items, DataConfig={"AttributeConfigs": [], "AdditionalDatasets": holidays})
    explainability = explained(service, service.forecast(predictor, only_items))
    rows = {row["item_id"]: row for row in exported(service, explainability)}
    assert list(rows) == [*(f"item_{item:02}" for item in range(ITEMS)), "newcomer", "Aggregate"]
    assert list(rows["newcomer"])[2::2] == ["Holiday_US-NormalizedImpactScore", "brand-NormalizedImpactScore"]


def test_a_choice_of_nothing_or_of_too_much_fails_with_one_sentence(service: Service, predictor: Record) -> None:
    forecast = service.forecast(predictor, predictor.inputs)
    file = "s3://caller-data/chosen.csv"
    between = {"StartDateTime": "2020-05-21T01:00:00", "EndDateTime": "2020-05-21T23:00:00"}
    choices = {
        f"{file}: found no series of the forecast, wanted at least one.": chosen(service, "nobody"),
        "Time points: found none from 2020-05-21T01:00:00 to 2020-05-21T23:00:00,"
        " wanted one of those between 2020-05-20T00:00:00 and 2020-05-26T00:00:00.": between,
    }
    for number, (sentence, choice) in enumerate(choices.items()):
        explainability = explained(service, forecast, f"choice_{number}", **choice)
        assert (explainability.status, explainability.message) == ("CREATE_FAILED", sentence)
    too_many = explained(service, forecast, "many", **chosen(service, *(f"item_{number}" for number in range(51))))
    assert too_many.message == f"{file}: found 51 series, wanted at most 50."
    assert service.keys("explainability/", SERVICE_BUCKET) == []


def test_only_series_of_the_forecast_are_explained(service: Service, predictor: Record) -> None:
    selected = {"TimeSeriesIdentifiers": chosen(service, "item_01", "item_02")}
    forecast = service.forecast(predictor, predictor.inputs, TimeSeriesSelector=selected)
    explainability = explained(service, forecast, **chosen(service, "item_02", "item_03"))
    rows = exported(service, explainability)
    assert [row["item_id"] for row in rows] == ["item_02", "Aggregate"]


@pytest.mark.parametrize("status", ["CREATE_FAILED", "CREATE_STOPPED"])
def test_that_of_a_predictor_without_success_fails_too(service: Service, status: str) -> None:
    parents = {"dataset_group": "arn:aws:forecast:us-east-1:123456789012:dataset-group/group"}
    predictor = service.create("predictor", "predictor/none", status, parents=parents)
    explainability = explained(service, predictor)
    assert explainability.status == "CREATE_FAILED"
    assert explainability.message is not None
    assert f"the predictor {predictor.arn} is {status}" in explainability.message


def test_the_scores_go_with_the_explainability(service: Service, predictor: Record) -> None:
    explainability = explained(service, predictor)
    kept = service.keys("explainability/", SERVICE_BUCKET)
    assert [key.rpartition("/")[2] for key in kept] == ["impacts.json", "impacts.npz"]
    service.records.update(explainability.arn, status="DELETE_PENDING")
    service.machine.run({"Arn": explainability.arn, "Action": "delete"})
    assert service.keys("explainability/", SERVICE_BUCKET) == []
