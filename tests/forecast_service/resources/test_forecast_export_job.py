"""Exports of forecasts, up to where their jobs take over."""

from typing import Any

from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop


def test_an_export_waits_for_the_forecast(shop: Shop, predictor: str, refused: Refused) -> None:
    with refused("ResourceInUseException", "the forecast"):
        shop.pending_export(shop.pending_forecast(predictor))


def test_an_export_shows_its_destination(forecast: Any, shop: Shop, predictor: str) -> None:
    arn = shop.pending_export(shop.forecast(predictor))
    answers = [
        forecast.describe_forecast_export_job(ForecastExportJobArn=arn),
        *forecast.list_forecast_export_jobs()["ForecastExportJobs"],
    ]
    assert [answer["Destination"]["S3Config"]["Path"] for answer in answers] == ["s3://data-bucket/train/"] * 2
    assert [answer.get("Format") for answer in answers] == ["CSV", None]


def test_an_export_shows_the_key_of_its_files(forecast: Any, shop: Shop, predictor: str) -> None:
    key = {"KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/x"}
    config = {"Path": "s3://data/x", "RoleArn": "arn:aws:iam::123456789012:role/data"} | key
    answer = forecast.create_forecast_export_job(
        ForecastExportJobName="e", ForecastArn=shop.forecast(predictor), Destination={"S3Config": config}
    )
    described = forecast.describe_forecast_export_job(ForecastExportJobArn=answer["ForecastExportJobArn"])
    assert described["Destination"]["S3Config"] == config
