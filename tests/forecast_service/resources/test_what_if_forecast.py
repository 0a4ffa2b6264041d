"""What-if forecasts of an analysis, up to where their jobs take over; and what all scenarios share."""

from datetime import datetime
from typing import Any

import pytest

from forecast_service.records import lifecycle
from forecast_service.records.record import Record
from forecast_service.storage import forecast_query
from tests.forecast_service.api_client import CREATED_BY, Refused
from tests.forecast_service.resources.scenarios import PRICES, replacements, transformations
from tests.forecast_service.shop import Shop


def test_it_shows_its_scenario_and_the_quantiles_of_the_baseline(forecast: Any, shop: Shop, analysis: str) -> None:
    scenario = transformations(
        ("PRICE", "MULTIPLY", 0.9), conditions=[("timestamp", "GREATER_THAN", "2024-04-10 00:00:00")]
    )
    arn = shop.pending_what_if_forecast(analysis, **scenario)
    answer = forecast.describe_what_if_forecast(WhatIfForecastArn=arn)
    assert (answer["WhatIfForecastName"], answer["WhatIfAnalysisArn"]) == ("dear", analysis)
    assert answer["TimeSeriesTransformations"] == scenario["TimeSeriesTransformations"]
    assert answer["ForecastTypes"] == ["0.2", "mean"]
    assert "TimeSeriesReplacementsDataSource" not in answer
    (summary,) = forecast.list_what_if_forecasts()["WhatIfForecasts"]
    assert summary["WhatIfAnalysisArn"] == analysis


def test_a_replacement_is_shown_with_its_defaults(forecast: Any, shop: Shop, analysis: str) -> None:
    arn = shop.pending_what_if_forecast(analysis, **replacements())
    found = forecast.describe_what_if_forecast(WhatIfForecastArn=arn)["TimeSeriesReplacementsDataSource"]
    defaults = {"Format": "CSV", "TimestampFormat": "yyyy-MM-dd HH:mm:ss"}
    assert found == replacements(**defaults)["TimeSeriesReplacementsDataSource"]


def test_it_reads_the_data_of_the_baseline_not_newer_ones(shop: Shop, baseline: str, analysis: str) -> None:
    prices = "arn:aws:forecast:us-east-1:123456789012:dataset/prices"
    shop.imported(prices, "newer")
    inputs = shop.records.get(shop.pending_what_if_forecast(analysis)).inputs
    old = shop.records.get(baseline).inputs
    types = {"TARGET_TIME_SERIES", "RELATED_TIME_SERIES", "ITEM_METADATA"}
    assert inputs == {dataset_type: old[dataset_type] for dataset_type in types}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"TimeSeriesTransformations": []}, "found neither"),
        (transformations(("price", "ADD", 1.0)) | replacements(), "found both"),
    ],
)
def test_there_is_one_scenario_of_one_form(
    shop: Shop, analysis: str, refused: Refused, fields: dict[str, Any], found: str
) -> None:
    wanted = "Exactly one of TimeSeriesTransformations and TimeSeriesReplacementsDataSource is needed"
    with refused("InvalidInputException", f"{wanted}; {found}"):
        shop.pending_what_if_forecast(analysis, **fields)


@pytest.mark.parametrize(
    ("scenario", "sentence"),
    [
        (
            transformations(("brand", "ADD", 1.0)),
            "brand is no related attribute; a scenario may change price, stock",
        ),
        (transformations(("price", "DIVIDE", 0.0)), "nothing can be divided by 0"),
        (
            transformations(("price", "ADD", 1.0), conditions=[("brand", "LESS_THAN", "z")]),
            "brand is text, which is compared by EQUALS and NOT_EQUALS; found LESS_THAN",
        ),
        (
            transformations(("price", "ADD", 1.0), conditions=[("size", "EQUALS", "z")]),
            "there are item_id, timestamp, brand, price, stock",
        ),
        (replacements(Format="PARQUET"), "TimeSeriesReplacementsDataSource.Format is PARQUET, and must be CSV"),
        (replacements(TimestampFormat="yyyy-MM-dd aa"), "found aa, wanted a form such as yyyy-MM-dd"),
        (
            replacements({"timestamp": "timestamp", "price": "float"}),
            "Schema: attribute item_id of the related time",
        ),
        (
            replacements({"item_id": "string", "price": "float"}),
            "attribute timestamp of the related time series is",
        ),
        (
            replacements({"item_id": "string", "timestamp": "timestamp"}),
            "found no related attribute, and at least one of price, stock is needed",
        ),
        (replacements(PRICES | {"brand": "string"}), "brand has no place in a replacement; it may have item_id, t"),
        (replacements(PRICES | {"price": "string"}), "price is of type string, and must be integer or float"),
        (replacements(PRICES | {"Price": "float"}), "attribute price is given more than once"),
    ],
)
def test_a_scenario_that_means_nothing_is_refused(
    shop: Shop, analysis: str, refused: Refused, scenario: dict[str, Any], sentence: str
) -> None:
    with refused("InvalidInputException", sentence):
        shop.pending_what_if_forecast(analysis, **scenario)


@pytest.mark.parametrize(
    "scenario",
    [
        transformations(*[("price", "ADD", 1.0)] * 31),
        transformations(("price", "ADD", 1.0), conditions=[("item_id", "EQUALS", "a")] * 11),
    ],
)
def test_there_are_thirty_transformations_of_ten_conditions_at_most(
    shop: Shop, analysis: str, refused: Refused, scenario: dict[str, Any]
) -> None:
    with refused("ValidationException", "Member must have length less than or equal to"):
        shop.pending_what_if_forecast(analysis, **scenario)


def test_thirty_transformations_of_ten_conditions_are_taken(shop: Shop, analysis: str) -> None:
    conditions = [("item_id", "NOT_EQUALS", "a")] * 10
    shop.pending_what_if_forecast(analysis, **transformations(*[("price", "ADD", 1.0)] * 30, conditions=conditions))


def test_its_analysis_has_to_be_active(shop: Shop, baseline: str, refused: Refused) -> None:
    pending = shop.pending_what_if_analysis(baseline)
    with refused("ResourceInUseException", f"the what-if analysis {pending} is CREATE_PENDING"):
        shop.pending_what_if_forecast(pending)


def test_the_data_of_its_baseline_have_to_be_there(forecast: Any, shop: Shop, analysis: str, refused: Refused) -> None:
    job = "arn:aws:forecast:us-east-1:123456789012:dataset-import-job/prices/first"
    forecast.delete_dataset_import_job(DatasetImportJobArn=job)
    with refused("ResourceInUseException", f"the dataset import job {job} is DELETE_PENDING"):
        shop.pending_what_if_forecast(analysis)
    lifecycle.deleted(shop.records, job)
    with refused("InvalidInputException", f"was made from {job}, which is deleted; create the forecast and its an"):
        shop.pending_what_if_forecast(analysis)


def test_the_data_of_its_baseline_stay_while_it_reads_them(
    forecast: Any, shop: Shop, analysis: str, refused: Refused
) -> None:
    pending = shop.pending_what_if_forecast(analysis)
    job = "arn:aws:forecast:us-east-1:123456789012:dataset-import-job/prices/first"
    with refused("ResourceInUseException", f"Cannot delete {job}: {pending} is being created from its data"):
        forecast.delete_dataset_import_job(DatasetImportJobArn=job)
    shop.end(pending)
    forecast.delete_dataset_import_job(DatasetImportJobArn=job)


def test_a_name_is_given_once_in_an_analysis(shop: Shop, baseline: str, analysis: str, refused: Refused) -> None:
    arn = shop.pending_what_if_forecast(analysis)
    with refused("ResourceAlreadyExistsException", f"A what-if forecast already exists with the arn: {arn}"):
        shop.pending_what_if_forecast(analysis)
    shop.pending_what_if_forecast(shop.what_if_analysis(baseline, "other"))


def test_a_taken_name_is_told_before_a_quota(shop: Shop, analysis: str, refused: Refused) -> None:
    arns = [shop.pending_what_if_forecast(analysis, name) for name in ("a", "b", "c")]
    with refused("LimitExceededException", "Quota limit of 3 what-if forecasts running concurrently has been"):
        shop.pending_what_if_forecast(analysis, "d")
    with refused("ResourceAlreadyExistsException", arns[1]):
        shop.pending_what_if_forecast(analysis, "b")


def test_names_that_are_too_long_together_are_told(shop: Shop, related_group: str, refused: Refused) -> None:
    long = "n" * 63
    predictor = shop.auto_predictor(related_group)
    analysis = shop.what_if_analysis(shop.forecast(predictor, long), long)
    with refused("InvalidInputException", "the ARN has 302 characters, at most 300 are allowed; use a shorter name"):
        shop.pending_what_if_forecast(analysis, long)
    assert len(shop.pending_what_if_forecast(analysis, long[:61])) == 300


def test_lists_are_filtered(forecast: Any, shop: Shop, baseline: str, analysis: str) -> None:
    arn = shop.what_if_forecast(analysis)
    other = shop.pending_what_if_forecast(shop.what_if_analysis(baseline, "other"))
    for key, value, expected in (
        ("WhatIfForecastArn", arn, [arn]),
        ("WhatIfAnalysisArn", analysis, [arn]),
        ("Status", "CREATE_PENDING", [other]),
    ):
        found = forecast.list_what_if_forecasts(Filters=[{"Key": key, "Condition": "IS", "Value": value}])
        assert [summary["WhatIfForecastArn"] for summary in found["WhatIfForecasts"]] == expected


def test_a_query_reaches_its_data(
    forecastquery: Any, shop: Shop, analysis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    predictions = {"p20": [{"Timestamp": "2024-04-10T00:00:00", "Value": 1.5}]}

    def query_forecast(record: Record, filters: dict[str, str], start: Any, end: Any) -> Any:
        calls.append((record.arn, filters, start, end))
        return predictions

    monkeypatch.setattr(forecast_query, "query_forecast", query_forecast)
    arn = shop.what_if_forecast(analysis)
    answer = forecastquery.query_what_if_forecast(
        WhatIfForecastArn=arn, Filters={"item_id": "a"}, EndDate="2024-04-11T00:00:00"
    )
    assert answer["Forecast"] == {"Predictions": predictions}
    assert calls == [(arn, {"item_id": "a"}, None, datetime(2024, 4, 11))]


def test_a_query_waits_for_an_active_forecast(forecastquery: Any, shop: Shop, analysis: str, refused: Refused) -> None:
    arn = shop.pending_what_if_forecast(analysis)
    with refused("ResourceInUseException", f"Cannot query the what-if forecast: the what-if forecast {arn} is CREA"):
        forecastquery.query_what_if_forecast(WhatIfForecastArn=arn, Filters={"item_id": "a"})


def test_a_query_of_another_kind_of_forecast_finds_nothing(
    forecastquery: Any, shop: Shop, baseline: str, refused: Refused
) -> None:
    with refused("ResourceNotFoundException", baseline):
        forecastquery.query_what_if_forecast(WhatIfForecastArn=baseline, Filters={"item_id": "a"})


def test_conditions_and_replacements_name_the_dimensions_of_the_forecast(shop: Shop, refused: Refused) -> None:
    target = shop.dataset(
        attributes={
            "item_id": "string",
            "timestamp": "timestamp",
            "target_value": "float",
            "shop": "string",
            "till": "string",
        }
    )
    shop.imported(target)
    group = shop.group(target, shop.imported_prices({"item_id": "string", "shop": "string"} | PRICES))
    predictor = shop.auto_predictor(group, ForecastDimensions=["shop", "till"])
    analysis = shop.what_if_analysis(shop.forecast(predictor))
    of_till = transformations(("price", "ADD", 1.0), conditions=[("till", "EQUALS", "1"), ("SHOP", "NOT_EQUALS", "a")])
    shop.end(shop.pending_what_if_forecast(analysis, "till", **of_till))
    with refused("InvalidInputException", "attribute shop of the related time series is missing"):
        shop.pending_what_if_forecast(analysis, "no_shop", **replacements())
    for name, dimensions in (("shops", {"shop": "string"}), ("tills", {"shop": "string", "till": "string"})):
        shop.end(shop.pending_what_if_forecast(analysis, name, **replacements(dimensions | PRICES)))
    with refused("InvalidInputException", "shop is of type integer, and must be string"):
        shop.pending_what_if_forecast(analysis, "number", **replacements(PRICES | {"shop": "integer"}))


def test_scenarios_have_tags(forecast: Any, shop: Shop, baseline: str) -> None:
    tags = [{"Key": "team", "Value": "pricing"}]
    analysis = shop.end(shop.pending_what_if_analysis(baseline, Tags=tags))
    assert forecast.list_tags_for_resource(ResourceArn=analysis)["Tags"] == [*tags, CREATED_BY]
    made = shop.what_if_forecast(analysis)
    forecast.tag_resource(ResourceArn=made, Tags=tags)
    assert forecast.list_tags_for_resource(ResourceArn=made)["Tags"] == [*tags, CREATED_BY]


def test_no_job_of_a_scenario_can_be_stopped(
    forecast: Any, shop: Shop, baseline: str, analysis: str, refused: Refused
) -> None:
    made = shop.what_if_forecast(analysis)
    pending = {
        "what-if analysis": shop.pending_what_if_analysis(baseline, "pending"),
        "what-if forecast": shop.pending_what_if_forecast(analysis, "pending"),
        "what-if forecast export": shop.pending_what_if_export(made),
    }
    for noun, arn in pending.items():
        with refused("InvalidInputException", f"a {noun} has no job that could be stopped"):
            forecast.stop_resource(ResourceArn=arn)
        assert shop.records.get(arn).status == "CREATE_PENDING"
