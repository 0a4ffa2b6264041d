"""Exports of explainabilities, up to where their jobs take over."""

from typing import Any

import pytest

from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop


@pytest.fixture
def predictor(shop: Shop) -> str:
    target = shop.dataset()
    shop.imported(target)
    return shop.auto_predictor(shop.group(target, shop.imported_items()))


@pytest.fixture
def week(shop: Shop, predictor: str) -> str:
    return shop.forecast(predictor)


def test_an_export_shows_its_destination_and_format(forecast: Any, shop: Shop, predictor: str) -> None:
    explainability = shop.explainability(predictor)
    destination = {"S3Config": {"Path": "s3://data-bucket/scores/", "RoleArn": "arn:aws:iam::123456789012:role/data"}}
    arn = forecast.create_explainability_export(
        ExplainabilityExportName="scores",
        ExplainabilityArn=explainability,
        Destination=destination,
        Format="PARQUET",
    )["ExplainabilityExportArn"]
    answer = forecast.describe_explainability_export(ExplainabilityExportArn=arn)
    assert answer["ExplainabilityArn"] == explainability
    assert (answer["Destination"], answer["Format"]) == (destination, "PARQUET")
    assert forecast.list_explainability_exports()["ExplainabilityExports"][0]["Destination"] == destination


def test_an_export_waits_for_the_explainability(shop: Shop, predictor: str, refused: Refused) -> None:
    with refused("ResourceInUseException", "the explainability"):
        shop.pending_explainability_export(shop.pending_explainability(predictor))


def test_lists_are_filtered_by_what_was_explained(forecast: Any, shop: Shop, predictor: str, week: str) -> None:
    exports = [
        shop.pending_explainability_export(shop.explainability(arn, f"of_{i}"))
        for i, arn in enumerate((predictor, week))
    ]
    for explained, export in zip((predictor, week), exports, strict=True):
        filters = [{"Key": "ResourceArn", "Condition": "IS", "Value": explained}]
        found = forecast.list_explainability_exports(Filters=filters)["ExplainabilityExports"]
        assert [summary["ExplainabilityExportArn"] for summary in found] == [export]
