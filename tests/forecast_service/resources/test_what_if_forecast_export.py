"""Exports of what-if forecasts, up to where their jobs take over."""

from typing import Any

import pytest

from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop


@pytest.fixture
def scenarios(shop: Shop, analysis: str) -> list[str]:
    return [shop.what_if_forecast(analysis, name) for name in ("dear", "cheap", "mixed")]


def test_it_shows_its_forecasts_and_its_destination(forecast: Any, shop: Shop, scenarios: list[str]) -> None:
    arn = shop.pending_what_if_export(*scenarios, Format="PARQUET")
    answer = forecast.describe_what_if_forecast_export(WhatIfForecastExportArn=arn)
    assert answer["WhatIfForecastExportName"] == "compared"
    assert answer["WhatIfForecastArns"] == scenarios
    assert answer["Destination"]["S3Config"]["Path"] == "s3://data-bucket/train/"
    assert answer["Format"] == "PARQUET"
    filters = [{"Key": "WhatIfForecastExportArn", "Condition": "IS", "Value": arn}]
    (summary,) = forecast.list_what_if_forecast_exports(Filters=filters)["WhatIfForecastExports"]
    assert summary["WhatIfForecastArns"] == scenarios


def test_it_holds_three_forecasts_at_most(shop: Shop, analysis: str, scenarios: list[str], refused: Refused) -> None:
    fourth = shop.what_if_forecast(analysis, "fourth")
    with refused("LimitExceededException", "Quota limit of 3 what-if forecasts per export has been reached"):
        shop.pending_what_if_export(*scenarios, fourth)


def test_its_forecasts_have_to_be_active(shop: Shop, analysis: str, scenarios: list[str], refused: Refused) -> None:
    pending = shop.pending_what_if_forecast(analysis, "pending")
    with refused("ResourceInUseException", f"Cannot export the what-if forecast: the what-if forecast {pending} is"):
        shop.pending_what_if_export(scenarios[0], pending)


def test_its_forecasts_are_of_one_analysis(shop: Shop, baseline: str, scenarios: list[str], refused: Refused) -> None:
    other = shop.what_if_forecast(shop.what_if_analysis(baseline, "other"), "other")
    with refused("InvalidInputException", f"{other} and {scenarios[0]} are scenarios of different analyses"):
        shop.pending_what_if_export(scenarios[0], other)


@pytest.mark.parametrize("name", ["Dear", "baseline"])
def test_its_columns_have_different_names(
    shop: Shop, analysis: str, scenarios: list[str], refused: Refused, name: str
) -> None:
    other = shop.what_if_forecast(analysis, name)
    with refused("InvalidInputException", "two columns would be called after"):
        shop.pending_what_if_export(scenarios[0], other)


def test_a_forecast_is_not_exported_twice_in_one(shop: Shop, scenarios: list[str], refused: Refused) -> None:
    with refused("InvalidInputException", "two columns would be called after dear"):
        shop.pending_what_if_export(scenarios[0], scenarios[0])


def test_a_name_is_given_once(shop: Shop, scenarios: list[str], refused: Refused) -> None:
    arn = shop.pending_what_if_export(scenarios[0])
    with refused("ResourceAlreadyExistsException", f"A what-if forecast export already exists with the arn: {arn}"):
        shop.pending_what_if_export(scenarios[0], scenarios[1])


def test_what_is_being_exported_stays(
    forecast: Any, shop: Shop, analysis: str, scenarios: list[str], refused: Refused
) -> None:
    export = shop.pending_what_if_export(*scenarios[:2])
    with refused("ResourceInUseException", f"Cannot delete {scenarios[1]}: {export} is exporting it"):
        forecast.delete_what_if_forecast(WhatIfForecastArn=scenarios[1])
    with refused("ResourceInUseException", f"its what-if forecast export {export} is CREATE_PENDING"):
        forecast.delete_what_if_forecast(WhatIfForecastArn=scenarios[0])
    with refused("ResourceInUseException", export):
        forecast.delete_what_if_analysis(WhatIfAnalysisArn=analysis)
    for root in (analysis, scenarios[1]):
        with refused("ResourceInUseException", export):
            forecast.delete_resource_tree(ResourceArn=root)
    forecast.delete_what_if_forecast(WhatIfForecastArn=scenarios[2])
    shop.end(export)
    forecast.delete_what_if_forecast(WhatIfForecastArn=scenarios[1])
