"""Exports of predictors' backtests, up to where their jobs take over."""

from typing import Any

from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop


def test_an_export_waits_for_the_predictor(shop: Shop, group: str, refused: Refused) -> None:
    with refused("ResourceInUseException", "the predictor"):
        shop.pending_backtest_export(shop.pending_auto_predictor(group, "training"))


def test_an_export_shows_its_destination(forecast: Any, shop: Shop, predictor: str) -> None:
    arn = shop.pending_backtest_export(predictor)
    answers = [
        forecast.describe_predictor_backtest_export_job(PredictorBacktestExportJobArn=arn),
        *forecast.list_predictor_backtest_export_jobs()["PredictorBacktestExportJobs"],
    ]
    assert [answer["Destination"]["S3Config"]["Path"] for answer in answers] == ["s3://data-bucket/train/"] * 2
    assert [answer.get("Format") for answer in answers] == ["CSV", None]
