"""Training: the engine's rounds over shards, and what DescribePredictor and GetAccuracyMetrics then show."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from forecast_engine import MODELS, ROUNDS, Boundary
from forecast_service.jobs.dataset_import_job import read_files
from forecast_service.panel.predictor_plan import PredictorPlan, series_id, series_key
from forecast_service.records.record import Record
from forecast_service.storage.bucket import Storage, resource_prefix
from forecast_service.storage.forecast_query import query_forecast
from forecast_service.storage.imported_dataset import ImportedDataset
from tests.forecast_service.jobs.sample_data import LEGACY, TARGET, imported_sales
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service, made_once


@pytest.fixture
def imported(service: Service) -> Record:
    return made_once(service, imported_sales)


def test_an_auto_predictor_shows_three_windows_and_no_algorithm(service: Service, imported: Record) -> None:
    record = service.train(imported)
    assert record.status == "ACTIVE"
    assert list(record.outcome) == ["PredictorEvaluationResults"]
    (result,) = record.outcome["PredictorEvaluationResults"]
    assert list(result) == ["TestWindows"]
    summary, *windows = result["TestWindows"]
    assert list(summary) == ["EvaluationType", "Metrics"]
    assert summary["EvaluationType"] == "SUMMARY"
    starts = [datetime.fromtimestamp(window["TestWindowStart"], UTC) for window in windows]
    ends = [datetime.fromtimestamp(window["TestWindowEnd"], UTC) for window in windows]
    assert [f"{moment:%Y-%m-%d %H:%M}" for moment in starts] == [
        "2020-02-19 00:00",
        "2020-02-26 00:00",
        "2020-03-04 00:00",
    ]
    assert ends == [*starts[1:], datetime(2020, 3, 11, tzinfo=UTC)]  # exclusive
    assert {window["ItemCount"] for window in windows} == {12}
    assert {window["EvaluationType"] for window in windows} == {"COMPUTED"}


def test_metrics_have_the_shape_of_the_api_and_the_summary_is_the_mean_of_the_windows(
    service: Service, imported: Record
) -> None:
    record = service.train(imported, ForecastTypes=["0.1", "0.50", "0.9", "mean"])
    summary, *windows = record.outcome["PredictorEvaluationResults"][0]["TestWindows"]
    for window in (summary, *windows):
        metrics = window["Metrics"]
        assert [loss["Quantile"] for loss in metrics["WeightedQuantileLosses"]] == [0.9, 0.5, 0.1]
        (errors,) = metrics["ErrorMetrics"]
        assert set(errors) == {"ForecastType", "WAPE", "RMSE", "MASE", "MAPE"}
        assert errors["ForecastType"] == "mean"
        assert errors["RMSE"] == metrics["RMSE"] > 0
        losses = [loss["LossValue"] for loss in metrics["WeightedQuantileLosses"]]
        assert metrics["AverageWeightedQuantileLoss"] == pytest.approx(sum(losses) / 3)
    mean = sum(window["Metrics"]["RMSE"] for window in windows) / len(windows)
    assert summary["Metrics"]["RMSE"] == pytest.approx(mean)


def test_a_legacy_predictor_shows_its_algorithm_and_its_windows(service: Service, imported: Record) -> None:
    arn = "arn:aws:forecast:::algorithm/ETS"
    record = service.train(imported, AlgorithmArn=arn, **LEGACY)
    (result,) = record.outcome["PredictorEvaluationResults"]
    assert result["AlgorithmArn"] == arn
    (execution,) = record.outcome["PredictorExecutionDetails"]["PredictorExecutions"]
    assert execution["AlgorithmArn"] == arn
    starts = [window["TestWindowStart"] for window in execution["TestWindows"]]
    # 70 days from 1 January end on 10 March; the last window starts 10 days before, the first 7 days earlier
    assert [f"{datetime.fromtimestamp(start, UTC):%m-%d}" for start in starts] == ["02-23", "03-01"]
    assert {window["Status"] for window in execution["TestWindows"]} == {"ACTIVE"}
    assert starts == [window["TestWindowStart"] for window in result["TestWindows"][1:]]


def test_automl_says_that_an_ensemble_won(service: Service, imported: Record) -> None:
    record = service.train(imported, PerformAutoML=True, **LEGACY)
    ensemble = "arn:aws:forecast:::algorithm/Ensemble"
    assert record.outcome["AutoMLAlgorithmArns"] == [ensemble]
    assert record.outcome["PredictorEvaluationResults"][0]["AlgorithmArn"] == ensemble


@pytest.mark.parametrize(
    ("algorithm", "models"),
    [
        ("ETS", {"ets", "damped_trend"}),
        ("NPTS", {"npts"}),
        ("Prophet", {"seasonal_naive", "damped_trend", "theta", "lightgbm"}),
        ("CNN-QR", {"seasonal_naive", "ets", "theta", "npts", "lightgbm"}),  # all that serve days
        ("Deep_AR_Plus", {"seasonal_naive", "ets", "theta", "npts", "lightgbm"}),
    ],
)
def test_an_algorithms_name_selects_the_models_that_stand_for_it(
    service: Service, imported: Record, algorithm: str, models: set[str]
) -> None:
    record = service.train(imported, AlgorithmArn=f"arn:aws:forecast:::algorithm/{algorithm}", **LEGACY)
    shared = json.loads(service.read(f"{resource_prefix(record)}shared/{len(ROUNDS) - 1}.json", SERVICE_BUCKET))
    assert {member[0] for member in shared["member_errors"]["members"]} == models


@pytest.mark.parametrize(("strategy", "left_out"), [("LatencyOptimized", {"lightgbm"}), ("AccuracyOptimized", set())])
def test_automl_in_haste_leaves_out_the_model_that_learns_across_series(
    service: Service, imported: Record, strategy: str, left_out: set[str]
) -> None:
    request = LEGACY | {"PerformAutoML": True, "AutoMLOverrideStrategy": strategy, "ForecastHorizon": 7}
    target = ImportedDataset.of(Storage(SERVICE_BUCKET, resource_prefix(imported)))
    models = PredictorPlan.of_request(request, target).settings.models
    assert set(MODELS if models is None else models) == set(MODELS) - left_out


def test_the_number_of_shards_does_not_change_the_accuracy(
    service: Service, imported: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = service.train(imported, name="one")
    monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes: 4)
    dataset = service.records.get(imported.parents["dataset"])
    sharded = service.import_data(dataset, "s3://caller-data/train/", name="sharded")
    four = service.train(sharded, name="four")
    assert four.facts["shard_count"] == 4
    assert four.outcome == one.outcome


def test_a_repeated_step_trains_the_same_predictor(service: Service, imported: Record) -> None:
    once = service.train(imported, name="once")
    service.machine.repeats_steps = True
    twice = service.train(imported, name="twice")
    assert (twice.status, twice.outcome) == ("ACTIVE", once.outcome)


def test_only_the_last_state_is_kept(service: Service, imported: Record) -> None:
    record = service.train(imported)
    prefix = resource_prefix(record)
    states = [key.removeprefix(prefix) for key in service.keys(prefix, SERVICE_BUCKET) if "/state/" in key]
    assert states == [f"state/{len(ROUNDS) - 1}/0000.npz"]
    assert not [key for key in service.keys(prefix, SERVICE_BUCKET) if "/work/" in key]


def test_a_history_too_short_for_its_windows_fails_with_the_engines_sentence(
    service: Service, imported: Record
) -> None:
    windows = {"NumberOfBacktestWindows": 5, "BackTestWindowOffset": 30}
    record = service.train(
        imported,
        ForecastHorizon=20,
        PerformAutoML=True,
        **LEGACY | {"EvaluationParameters": windows},
    )
    assert record.status == "CREATE_FAILED"
    assert record.message is not None
    assert "5 backtest windows of 20 periods" in record.message
    assert "found 70" in record.message


def test_fillings_aggregation_and_alignment_reach_the_engine(service: Service, imported: Record) -> None:
    transformations = {"aggregation": "avg", "middlefill": "value", "middlefill_value": "2", "backfill": "nan"}
    record = service.train(
        imported,
        ForecastFrequency="W",
        ForecastHorizon=2,
        TimeAlignmentBoundary={"DayOfWeek": "SUNDAY"},
        DataConfig={"AttributeConfigs": [{"AttributeName": "target_value", "Transformations": transformations}]},
    )
    plan = PredictorPlan.load(Storage(SERVICE_BUCKET, resource_prefix(record)))
    assert plan.boundary == Boundary(day_of_week="SUNDAY")
    assert plan.aggregation == "avg"
    assert (plan.fillings.middlefill, plan.fillings.middlefill_value, plan.fillings.backfill) == ("value", 2.0, "nan")
    assert str(plan.grid().timestamps(0, 1)[0]) == "2019-12-29T00:00:00"  # the Sunday before the first observation


def test_a_legacy_request_keeps_its_fillings_elsewhere(service: Service, imported: Record) -> None:
    method = {
        "FeaturizationMethodName": "filling",
        "FeaturizationMethodParameters": {"aggregation": "max", "backfill": "mean"},
    }
    featurizations = [{"AttributeName": "target_value", "FeaturizationPipeline": [method]}]
    configuration = {"ForecastFrequency": "D", "Featurizations": featurizations}
    record = service.train(imported, PerformAutoML=True, FeaturizationConfig=configuration)
    plan = PredictorPlan.load(Storage(SERVICE_BUCKET, resource_prefix(record)))
    assert (plan.aggregation, plan.fillings.backfill, plan.settings.window_count) == ("max", "mean", 1)


def test_series_of_several_dimensions_stay_apart() -> None:
    keys = [("a, b", "c"), ("a", "b, c"), ('a"', "c"), ("상품", "서울")]
    texts = [series_id(key) for key in keys]
    assert len(set(texts)) == len(keys)
    assert [series_key(text, 1) for text in texts] == keys
    assert series_key(series_id(("a, b",)), 0) == ("a, b",)


@pytest.mark.parametrize(
    ("metric", "measure"),
    [("RMSE", "squared"), ("MAPE", "percentage"), ("WAPE", "absolute"), ("AverageWeightedQuantileLoss", "absolute")],
)
def test_the_metric_to_optimise_reaches_the_engine(
    service: Service, imported: Record, metric: str, measure: str
) -> None:
    record = service.train(imported, OptimizationMetric=metric)
    plan = PredictorPlan.load(Storage(SERVICE_BUCKET, resource_prefix(record)))
    assert plan.settings.measure == measure


def test_weights_follow_the_metric_to_optimise(service: Service) -> None:
    # A jump now and then: models that follow it err little often, or much seldom.
    start = np.datetime64("2020-01-01")
    values = [20 + 5 * (day % 7) + (200 if day % 23 == 0 else 0) for day in range(120)]
    rows = "".join(f"jumps,{start + day},{value}\n" for day, value in enumerate(values))
    imported = service.import_data(service.dataset(*TARGET), service.put("jumps/a.csv", rows))
    middle = {}
    for metric in ("RMSE", "WAPE", "MASE"):
        predictor = service.train(imported, name=metric, OptimizationMetric=metric)
        forecast = service.forecast(predictor, predictor.inputs, name=metric, ForecastTypes=["mean"])
        middle[metric] = [step["Value"] for step in query_forecast(forecast, {"item_id": "jumps"})["mean"]]
    assert middle["WAPE"] == middle["MASE"]
    assert middle["WAPE"] != middle["RMSE"]
