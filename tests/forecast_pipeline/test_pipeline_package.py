"""The package as the layer ships it: the signing overlay, and what an import may cost."""

import subprocess
import sys
from pathlib import Path

import boto3
import pytest

import forecast_pipeline

PACKAGE = Path(forecast_pipeline.__file__).parent
PROJECT = Path(__file__).parent.parent.parent
LIGHT = (
    "start_pipeline",
    "create_dataset",
    "import_data",
    "train_predictor",
    "create_forecast",
    "export_forecast",
    "notify",
    "delete_resources",
)


@pytest.mark.parametrize("service", ["forecast", "forecastquery"])
def test_the_overlay_makes_the_sdk_sign_for_lambda(
    service: str, aws_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = boto3.session.Session().client(service)
    monkeypatch.setenv("AWS_DATA_PATH", str(PACKAGE / "aws_models"))
    overlaid = boto3.session.Session().client(service)
    assert plain.meta.service_model.signing_name == "forecast"
    assert overlaid.meta.service_model.signing_name == "lambda"
    assert overlaid.meta.service_model.operation_names == plain.meta.service_model.operation_names


@pytest.mark.parametrize("function", LIGHT)
def test_a_handler_of_the_light_layer_loads_neither_numpy_nor_duckdb(function: str) -> None:
    program = f"import runpy, sys; runpy.run_path('functions/{function}/app.py'); print(sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert "'boto3'" in modules.stdout
    for heavy in ("numpy", "duckdb", "forecast_service", "forecast_engine"):
        assert f"'{heavy}'" not in modules.stdout
