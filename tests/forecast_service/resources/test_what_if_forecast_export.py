"""Exports of what-if forecasts, up to where their jobs take over."""

import pytest


@pytest.fixture
def scenarios(shop, analysis):
    return [shop.what_if_forecast(analysis, name) for name in ("dear", "cheap", "mixed")]


def test_it_shows_its_forecasts_and_its_destination(forecast, shop, scenarios):
    arn = shop.pending_what_if_export(*scenarios, Format="PARQUET")
    answer = forecast.describe_what_if_forecast_export(WhatIfForecastExportArn=arn)
    assert answer["WhatIfForecastExportName"] == "compared"
    assert answer["WhatIfForecastArns"] == scenarios
    assert answer["Destination"]["S3Config"]["Path"] == "s3://data-bucket/train/"
    assert answer["Format"] == "PARQUET"
    filters = [{"Key": "WhatIfForecastExportArn", "Condition": "IS", "Value": arn}]
    (summary,) = forecast.list_what_if_forecast_exports(Filters=filters)["WhatIfForecastExports"]
    assert summary["WhatIfForecastArns"] == scenarios


def test_it_holds_three_forecasts_at_most(shop, analysis, scenarios, refused):
    fourth = shop.what_if_forecast(analysis, "fourth")
    with refused("LimitExceededException", "Quota limit of 3 what-if forecasts per export has been reached"):
        shop.pending_what_if_export(*scenarios, fourth)


def test_its_forecasts_have_to_be_active(shop, analysis, scenarios, refused):
    pending = shop.pending_what_if_forecast(analysis, "pending")
    with refused("ResourceInUseException", f"Cannot export the what-if forecast: the what-if forecast {pending} is"):
        shop.pending_what_if_export(scenarios[0], pending)


def test_its_forecasts_are_of_one_analysis(shop, baseline, scenarios, refused):
    other = shop.what_if_forecast(shop.what_if_analysis(baseline, "other"), "other")
    with refused("InvalidInputException", f"{other} and {scenarios[0]} are scenarios of different analyses"):
        shop.pending_what_if_export(scenarios[0], other)


@pytest.mark.parametrize("name", ["Dear", "baseline"])
def test_its_columns_have_different_names(shop, analysis, scenarios, refused, name):
    other = shop.what_if_forecast(analysis, name)
    with refused("InvalidInputException", "two columns would be called after"):
        shop.pending_what_if_export(scenarios[0], other)


def test_a_forecast_is_not_exported_twice_in_one(shop, scenarios, refused):
    with refused("InvalidInputException", "two columns would be called after dear"):
        shop.pending_what_if_export(scenarios[0], scenarios[0])


def test_a_name_is_given_once(shop, scenarios, refused):
    arn = shop.pending_what_if_export(scenarios[0])
    with refused("ResourceAlreadyExistsException", f"A what-if forecast export already exists with the arn: {arn}"):
        shop.pending_what_if_export(scenarios[0], scenarios[1])


def test_what_is_being_exported_stays(forecast, shop, analysis, scenarios, refused):
    export = shop.pending_what_if_export(*scenarios[:2])
    with refused("ResourceInUseException", f"Cannot delete {scenarios[1]}: {export} is exporting it"):
        forecast.delete_what_if_forecast(WhatIfForecastArn=scenarios[1])
    with refused("ResourceInUseException", "has children"):
        forecast.delete_what_if_forecast(WhatIfForecastArn=scenarios[0])
    for root in (analysis, scenarios[1]):
        with refused("ResourceInUseException", export):
            forecast.delete_resource_tree(ResourceArn=root)
    forecast.delete_what_if_forecast(WhatIfForecastArn=scenarios[2])
    shop.end(export)
    forecast.delete_what_if_forecast(WhatIfForecastArn=scenarios[1])
