"""CreatePredictor: one algorithm or AutoML."""

from typing import Any

import pytest

from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop

ALGORITHMS = ["CNN-QR", "Deep_AR_Plus", "NPTS", "ETS", "ARIMA", "Prophet"]


def algorithm(name: str) -> str:
    return f"arn:aws:forecast:::algorithm/{name}"


@pytest.fixture
def group(shop: Shop) -> str:
    return shop.imported_group()


def described(forecast: Any, arn: str) -> dict[str, Any]:
    return forecast.describe_predictor(PredictorArn=arn)


def test_describe_shows_the_request_with_its_defaults(forecast: Any, shop: Shop, group: str) -> None:
    answer = described(forecast, shop.legacy_predictor(group))
    assert answer["PredictorArn"] == "arn:aws:forecast:us-east-1:123456789012:predictor/legacy"
    assert answer["AlgorithmArn"] == algorithm("NPTS")
    assert answer["ForecastTypes"] == ["0.1", "0.5", "0.9"]
    assert answer["EvaluationParameters"] == {"NumberOfBacktestWindows": 1, "BackTestWindowOffset": 7}
    assert (answer["PerformAutoML"], answer["PerformHPO"], answer["IsAutoPredictor"]) == (False, False, False)
    filling = {"aggregation": "sum", "frontfill": "none", "middlefill": "zero", "backfill": "zero"}
    method = {"FeaturizationMethodName": "filling", "FeaturizationMethodParameters": filling}
    featurization = {"AttributeName": "target_value", "FeaturizationPipeline": [method]}
    assert answer["FeaturizationConfig"] == {"ForecastFrequency": "D", "Featurizations": [featurization]}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_of_amazon_is_known(shop: Shop, group: str, name: str) -> None:
    shop.pending_legacy_predictor(group, AlgorithmArn=algorithm(name))


def test_an_unknown_algorithm_is_told_the_known_ones(shop: Shop, refused: Refused, group: str) -> None:
    wrong = algorithm("DeepAR")
    options = ",".join(map(algorithm, ALGORITHMS))
    # The text that the real service answers.
    with refused("InvalidInputException", f"Invalid Algorithm ARN specified: {wrong}. Options: {options}"):
        shop.pending_legacy_predictor(group, AlgorithmArn=wrong)


def test_an_algorithm_or_automl_but_not_both(forecast: Any, shop: Shop, refused: Refused, group: str) -> None:
    with refused("InvalidInputException", "found both"):
        shop.pending_legacy_predictor(group, PerformAutoML=True)
    with refused("InvalidInputException", "found neither"):
        shop.pending_legacy_predictor(group, AlgorithmArn=None)
    arn = shop.pending_legacy_predictor(group, AlgorithmArn=None, PerformAutoML=True)
    answer = described(forecast, arn)
    assert answer["PerformAutoML"] is True
    assert "AlgorithmArn" not in answer


@pytest.mark.parametrize(
    ("request_", "largest"),
    [
        ({"AlgorithmArn": algorithm("CNN-QR")}, 33),
        ({"AlgorithmArn": algorithm("Deep_AR_Plus")}, 33),
        ({"AlgorithmArn": None, "PerformAutoML": True}, 33),
    ],
)
def test_what_learns_across_series_looks_a_third_of_the_history_ahead(
    shop: Shop, refused: Refused, group: str, request_: dict[str, Any], largest: int
) -> None:
    with refused("InvalidInputException", f"must be at most {largest}"):
        shop.pending_legacy_predictor(group, ForecastHorizon=largest + 1, **request_)
    shop.pending_legacy_predictor(group, ForecastHorizon=largest, **request_)


def test_the_others_look_less_than_the_history_ahead_as_far_as_a_backtest_allows(
    shop: Shop, refused: Refused, group: str
) -> None:
    with refused("InvalidInputException", "ForecastHorizon is 100, and must be at most 99"):
        shop.pending_legacy_predictor(group, ForecastHorizon=100)
    with refused("InvalidInputException", "BackTestWindowOffset is 50, and must be less than half of the 100"):
        shop.pending_legacy_predictor(group, ForecastHorizon=50)
    shop.pending_legacy_predictor(group, ForecastHorizon=49)


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"NumberOfBacktestWindows": 0}, "NumberOfBacktestWindows is 0, and must be 1 to 5"),
        ({"NumberOfBacktestWindows": 6}, "NumberOfBacktestWindows is 6"),
        ({"BackTestWindowOffset": 6}, "must be at least the horizon, 7"),
        ({"BackTestWindowOffset": 50}, "less than half of the 100 periods"),
    ],
)
def test_backtest_windows_fit_the_history(
    shop: Shop, refused: Refused, group: str, parameters: dict[str, Any], text: str
) -> None:
    with refused("InvalidInputException", text):
        shop.pending_legacy_predictor(group, EvaluationParameters=parameters)


def test_backtest_windows_are_completed(forecast: Any, shop: Shop, group: str) -> None:
    arn = shop.pending_legacy_predictor(group, EvaluationParameters={"NumberOfBacktestWindows": 3})
    expected = {"NumberOfBacktestWindows": 3, "BackTestWindowOffset": 7}
    assert described(forecast, arn)["EvaluationParameters"] == expected


@pytest.mark.parametrize("strategy", ["LatencyOptimized", "AccuracyOptimized"])
def test_what_automl_is_to_favour_is_shown(forecast: Any, shop: Shop, group: str, strategy: str) -> None:
    arn = shop.legacy_predictor(group, AlgorithmArn=None, PerformAutoML=True, AutoMLOverrideStrategy=strategy)
    assert described(forecast, arn)["AutoMLOverrideStrategy"] == strategy
    assert forecast.get_accuracy_metrics(PredictorArn=arn)["AutoMLOverrideStrategy"] == strategy


def test_only_automl_has_something_to_favour(shop: Shop, refused: Refused, group: str) -> None:
    with refused("InvalidInputException", "AutoMLOverrideStrategy is used together with PerformAutoML only"):
        shop.pending_legacy_predictor(group, AutoMLOverrideStrategy="LatencyOptimized")


def test_automl_chooses_by_itself(shop: Shop, refused: Refused, group: str) -> None:
    with refused("InvalidInputException", "TrainingParameters cannot be used together with PerformAutoML"):
        request = {"PerformAutoML": True, "TrainingParameters": {"epochs": "10"}}
        shop.pending_legacy_predictor(group, AlgorithmArn=None, **request)


def test_the_parameters_of_deep_ar_are_shown_as_amazon_shows_them(forecast: Any, shop: Shop) -> None:
    # What DescribePredictor of Amazon's printed for a horizon of 72 hours: all of it text.
    group = shop.imported_group(length=400)
    arn = shop.pending_legacy_predictor(group, ForecastHorizon=72, AlgorithmArn=algorithm("Deep_AR_Plus"))
    assert described(forecast, arn)["TrainingParameters"] == {
        "context_length": "144",
        "epochs": "500",
        "learning_rate": "1E-3",
        "learning_rate_decay": "0.5",
        "likelihood": "student-t",
        "max_learning_rate_decays": "0",
        "num_averaged_models": "1",
        "num_cells": "40",
        "num_layers": "2",
        "prediction_length": "72",
    }


def test_given_parameters_stand_beside_the_defaults(forecast: Any, shop: Shop, group: str) -> None:
    given = {"epochs": "10", "use_related_data": "NONE"}
    arn = shop.pending_legacy_predictor(group, TrainingParameters=given, AlgorithmArn=algorithm("CNN-QR"))
    defaults = {"context_length": "14", "use_item_metadata": "ALL"}
    assert described(forecast, arn)["TrainingParameters"] == given | defaults


@pytest.mark.parametrize("name", ["ETS", "ARIMA", "Prophet"])
def test_some_algorithms_take_no_parameters(forecast: Any, shop: Shop, refused: Refused, group: str, name: str) -> None:
    with refused("InvalidInputException", f"epochs is no parameter of {name}: it takes none"):
        shop.pending_legacy_predictor(group, TrainingParameters={"epochs": "10"}, AlgorithmArn=algorithm(name))
    answer = described(forecast, shop.pending_legacy_predictor(group, AlgorithmArn=algorithm(name)))
    assert "TrainingParameters" not in answer


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"epoch": "10"}, "epoch is no parameter of Deep_AR_Plus: use context_length, epochs"),
        ({"epochs": "ten"}, "epochs is 'ten', which is no number"),
        ({"epochs": "nan"}, "epochs is 'nan', which is no number"),
        ({"likelihood": "poisson"}, "likelihood is 'poisson': use student-t"),
        ({"prediction_length": "8"}, "prediction_length is '8': use 7"),
    ],
)
def test_parameters_that_amazon_does_not_have_are_refused(
    shop: Shop, refused: Refused, group: str, parameters: dict[str, Any], text: str
) -> None:
    with refused("InvalidInputException", f"TrainingParameters: {text}"):
        shop.pending_legacy_predictor(group, TrainingParameters=parameters, AlgorithmArn=algorithm("Deep_AR_Plus"))


@pytest.mark.parametrize(("name", "value"), [("exp_kernel_weights", "-1"), ("context_length", "0")])
def test_a_past_that_weighs_nothing_is_refused(shop: Shop, refused: Refused, group: str, name: str, value: str) -> None:
    with refused("InvalidInputException", f"TrainingParameters: {name} is '{value}': use a number above 0"):
        shop.pending_legacy_predictor(group, TrainingParameters={name: value}, AlgorithmArn=algorithm("NPTS"))


def ranges(name: str, low: int, high: int) -> dict[str, Any]:
    return {"ParameterRanges": {"IntegerParameterRanges": [{"Name": name, "MinValue": low, "MaxValue": high}]}}


def test_a_tuning_is_echoed(forecast: Any, shop: Shop, group: str) -> None:
    request = {"PerformHPO": True, "HPOConfig": ranges("epochs", 10, 20)}
    answer = described(forecast, shop.pending_legacy_predictor(group, **request, AlgorithmArn=algorithm("CNN-QR")))
    assert {field: answer[field] for field in request} == request


def test_what_cannot_be_tuned_is_refused(shop: Shop, refused: Refused, group: str) -> None:
    with refused("InvalidInputException", "PerformHPO: NPTS cannot be tuned, CNN-QR and Deep_AR_Plus can"):
        shop.pending_legacy_predictor(group, PerformHPO=True)
    with refused("InvalidInputException", "HPOConfig is used together with PerformHPO"):
        shop.pending_legacy_predictor(group, HPOConfig=ranges("epochs", 1, 2), AlgorithmArn=algorithm("CNN-QR"))
    for config, text in (
        (ranges("rounds", 1, 2), "IntegerParameterRanges: rounds is no parameter of CNN-QR"),
        (ranges("epochs", 3, 2), "epochs has a MinValue above its MaxValue"),
    ):
        with refused("InvalidInputException", text):
            shop.pending_legacy_predictor(group, PerformHPO=True, HPOConfig=config, AlgorithmArn=algorithm("CNN-QR"))


def test_an_encryption_is_echoed_and_goes_on_to_the_upgraded_predictor(forecast: Any, shop: Shop, group: str) -> None:
    key = {"RoleArn": "arn:aws:iam::123456789012:role/x", "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/x"}
    legacy = shop.legacy_predictor(group, EncryptionConfig=key)
    assert described(forecast, legacy)["EncryptionConfig"] == key
    arn = forecast.create_auto_predictor(PredictorName="upgraded", ReferencePredictorArn=legacy)["PredictorArn"]
    assert forecast.describe_auto_predictor(PredictorArn=arn)["EncryptionConfig"] == key
