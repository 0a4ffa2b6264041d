"""GetAccuracyMetrics, as CloudWatch is to see it."""

import json
from typing import Any

import pytest

from forecast_pipeline.publishing.measures.service_metrics import ServiceMetric, emit_all, service_metrics


def summary(**metrics: Any) -> dict[str, Any]:
    return {"EvaluationType": "SUMMARY", "Metrics": metrics}


def test_every_algorithm_of_an_automl_predictor_has_its_own_metrics() -> None:
    loss = [{"Quantile": 0.5, "LossValue": 0.1}]
    answer = {
        "PredictorEvaluationResults": [
            {
                "AlgorithmArn": "arn:aws:forecast:::algorithm/CNN-QR",
                "TestWindows": [summary(RMSE=2.0, WeightedQuantileLosses=loss)],  # older answers: no ErrorMetrics
            },
            {
                "AlgorithmArn": "arn:aws:forecast:::algorithm/ETS",
                "TestWindows": [summary(RMSE=9.0, WeightedQuantileLosses=[], ErrorMetrics=[{"RMSE": 3.0}])],
            },
        ]
    }
    assert list(service_metrics(answer)) == [
        ServiceMetric("WQL", 0.1, {"Algorithm": "CNN-QR", "Quantile": "0.5"}),
        ServiceMetric("RMSE", 2.0, {"Algorithm": "CNN-QR"}),
        ServiceMetric("RMSE", 3.0, {"Algorithm": "ETS"}),
    ]


def test_undefined_measures_are_left_out() -> None:
    answer = {"PredictorEvaluationResults": [{"TestWindows": [summary(ErrorMetrics=[{"ForecastType": "mean"}])]}]}
    assert list(service_metrics(answer)) == []


def test_the_dimensions_are_the_workshops_and_no_other(
    aws_environment: None, capsys: pytest.CaptureFixture[str]
) -> None:
    emit_all([ServiceMetric("WQL", 0.25, {"Algorithm": "ETS", "Quantile": "0.1"})])
    printed = json.loads(capsys.readouterr().out)
    assert printed["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "FORECAST",
            "Dimensions": [["Algorithm", "Quantile"]],
            "Metrics": [{"Name": "WQL", "Unit": "None"}],
        }
    ]
    assert (printed["WQL"], printed["Algorithm"], printed["Quantile"]) == ([0.25], "ETS", "0.1")
