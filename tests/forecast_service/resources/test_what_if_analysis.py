"""What-if analyses of forecasts, up to where their jobs take over."""

from typing import Any

from tests.forecast_service.api_client import Refused
from tests.forecast_service.resources.scenarios import SCENARIO_FILE
from tests.forecast_service.shop import Shop, schema


def test_it_shows_its_baseline_and_the_series_it_is_about(forecast: Any, shop: Shop, baseline: str) -> None:
    selector = {
        "TimeSeriesIdentifiers": {"DataSource": {"S3Config": SCENARIO_FILE}, "Schema": schema({"item_id": "string"})}
    }
    arn = shop.pending_what_if_analysis(baseline, TimeSeriesSelector=selector)
    answer = forecast.describe_what_if_analysis(WhatIfAnalysisArn=arn)
    assert (answer["WhatIfAnalysisName"], answer["ForecastArn"]) == ("prices", baseline)
    assert answer["TimeSeriesSelector"] == selector
    (summary,) = forecast.list_what_if_analyses()["WhatIfAnalyses"]
    assert summary["ForecastArn"] == baseline


def test_its_selector_names_what_tells_series_apart(shop: Shop, baseline: str, refused: Refused) -> None:
    identifiers = {"DataSource": {"S3Config": SCENARIO_FILE}, "Schema": schema({"brand": "string"})}
    with refused("InvalidInputException", "a series is named by item_id"):
        shop.pending_what_if_analysis(baseline, TimeSeriesSelector={"TimeSeriesIdentifiers": identifiers})


def test_its_forecast_has_to_be_active(shop: Shop, related_group: str, refused: Refused) -> None:
    arn = shop.pending_forecast(shop.auto_predictor(related_group))
    with refused("ResourceInUseException", f"Cannot create the what-if analysis: the forecast {arn} is CREATE_PEND"):
        shop.pending_what_if_analysis(arn)


def test_forecasts_of_legacy_predictors_are_no_baseline(shop: Shop, related_group: str, refused: Refused) -> None:
    arn = shop.forecast(shop.legacy_predictor(related_group))
    with refused("InvalidInputException", "only forecasts of an AutoPredictor can be a baseline"):
        shop.pending_what_if_analysis(arn)


def test_a_baseline_without_related_series_has_nothing_to_change(shop: Shop, refused: Refused) -> None:
    arn = shop.forecast(shop.auto_predictor(shop.imported_group()))
    with refused("InvalidInputException", "without data of a RELATED_TIME_SERIES dataset"):
        shop.pending_what_if_analysis(arn)


def test_related_series_that_the_predictor_has_not_seen_are_none(forecast: Any, shop: Shop, refused: Refused) -> None:
    target = shop.dataset()
    shop.imported(target)
    group = shop.group(target)
    predictor = shop.auto_predictor(group)
    forecast.update_dataset_group(DatasetGroupArn=group, DatasetArns=[target, shop.imported_prices()])
    with refused("InvalidInputException", f"{predictor} was made without data of a RELATED_TIME_SERIES dataset"):
        shop.pending_what_if_analysis(shop.forecast(predictor))


def test_a_name_is_given_once_for_a_forecast(shop: Shop, baseline: str, analysis: str, refused: Refused) -> None:
    with refused("ResourceAlreadyExistsException", f"A what-if analysis already exists with the arn: {analysis}"):
        shop.pending_what_if_analysis(baseline)
    other = shop.forecast(shop.records.get(baseline).parents["predictor"], "other")
    assert "what-if-analysis/other/prices_" in shop.pending_what_if_analysis(other)


def test_lists_are_filtered(forecast: Any, shop: Shop, baseline: str, analysis: str) -> None:
    other = shop.pending_what_if_analysis(baseline, "other")
    for key, value, expected in (
        ("WhatIfAnalysisArn", analysis, [analysis]),
        ("ForecastArn", baseline, [other, analysis]),
        ("Status", "CREATE_PENDING", [other]),
    ):
        found = forecast.list_what_if_analyses(Filters=[{"Key": key, "Condition": "IS", "Value": value}])
        assert [summary["WhatIfAnalysisArn"] for summary in found["WhatIfAnalyses"]] == expected
