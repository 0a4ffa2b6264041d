"""What holds for predictors of both kinds, and what tells them apart."""

from typing import Any

import pytest

from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop


@pytest.fixture
def group(shop: Shop) -> str:
    return shop.imported_group()


@pytest.fixture
def auto(shop: Shop, group: str) -> str:
    return shop.auto_predictor(group)


@pytest.fixture
def legacy(shop: Shop, group: str) -> str:
    return shop.legacy_predictor(group)


def test_clients_tell_the_kinds_apart_by_a_refusal(forecast: Any, refused: Refused, auto: str, legacy: str) -> None:
    with refused("InvalidInputException", "use DescribeAutoPredictor"):
        forecast.describe_predictor(PredictorArn=auto)
    with refused("InvalidInputException", "use DescribePredictor"):
        forecast.describe_auto_predictor(PredictorArn=legacy)


def test_lists_say_of_each_whether_it_is_auto(forecast: Any, auto: str, legacy: str, group: str) -> None:
    summaries = {summary["PredictorArn"]: summary for summary in forecast.list_predictors()["Predictors"]}
    assert summaries[auto]["IsAutoPredictor"] is True
    assert summaries[legacy]["IsAutoPredictor"] is False
    assert {summary["DatasetGroupArn"] for summary in summaries.values()} == {group}


def test_lists_are_filtered_by_group(forecast: Any, shop: Shop, auto: str, group: str) -> None:
    other = shop.group(name="other")

    def of(arn: str) -> list[str]:
        filters = [{"Key": "DatasetGroupArn", "Condition": "IS", "Value": arn}]
        return [summary["PredictorArn"] for summary in forecast.list_predictors(Filters=filters)["Predictors"]]

    assert (of(group), of(other)) == ([auto], [])


def test_a_name_is_taken_by_either_kind(shop: Shop, refused: Refused, group: str, auto: str, legacy: str) -> None:
    with refused("ResourceAlreadyExistsException", f"A predictor already exists with the arn: {auto}"):
        shop.pending_legacy_predictor(group, "auto")
    with refused("ResourceAlreadyExistsException", f"A predictor already exists with the arn: {legacy}"):
        shop.pending_auto_predictor(group, "legacy")


def test_accuracy_is_what_the_job_measured(forecast: Any, shop: Shop, group: str) -> None:
    metrics = {"RMSE": 13.5, "WeightedQuantileLosses": [{"Quantile": 0.9, "LossValue": 0.049}]}
    results = [{"TestWindows": [{"EvaluationType": "SUMMARY", "Metrics": metrics}]}]
    for make, is_auto in ((shop.pending_auto_predictor, True), (shop.pending_legacy_predictor, False)):
        arn = shop.end(make(group), {"PredictorEvaluationResults": results})
        answer = forecast.get_accuracy_metrics(PredictorArn=arn)
        assert answer["PredictorEvaluationResults"] == results
        assert answer["IsAutoPredictor"] is is_auto
        assert answer["OptimizationMetric"] == "AverageWeightedQuantileLoss"


def test_accuracy_is_there_once_the_predictor_is(forecast: Any, shop: Shop, refused: Refused, group: str) -> None:
    arn = shop.pending_auto_predictor(group)
    with refused("ResourceInUseException", "CREATE_PENDING"):
        forecast.get_accuracy_metrics(PredictorArn=arn)


@pytest.mark.parametrize("make", ["pending_auto_predictor", "pending_legacy_predictor"])
class TestData:
    """What both need of the dataset group."""

    def test_a_group_without_a_target_is_refused(self, shop: Shop, refused: Refused, make: str) -> None:
        with refused("InvalidInputException", "lacks a TARGET_TIME_SERIES dataset"):
            getattr(shop, make)(shop.group())

    def test_a_target_without_data_is_refused(self, shop: Shop, refused: Refused, make: str) -> None:
        with refused("InvalidInputException", "lacks an ACTIVE import of its TARGET_TIME_SERIES dataset"):
            getattr(shop, make)(shop.group(shop.dataset()))

    def test_an_unknown_group_is_not_found(self, shop: Shop, refused: Refused, make: str) -> None:
        arn = "arn:aws:forecast:us-east-1:123456789012:dataset-group/none"
        with refused("ResourceNotFoundException", f"No resource found {arn}"):
            getattr(shop, make)(arn)

    def test_a_dataset_that_is_gone_is_named(self, forecast: Any, shop: Shop, refused: Refused, make: str) -> None:
        dataset = shop.dataset()
        group = shop.group(dataset)
        shop.records.delete(dataset)
        with refused("InvalidInputException", f"Dataset arns: [{dataset}] are not found"):
            getattr(shop, make)(group)

    def test_a_running_import_is_waited_for(self, shop: Shop, refused: Refused, make: str) -> None:
        dataset = shop.dataset()
        shop.imported(dataset)
        group = shop.group(dataset)
        shop.pending_import(dataset, "second")
        with refused("ResourceInUseException", "UPDATE_PENDING"):
            getattr(shop, make)(group)

    def test_the_newest_data_of_each_dataset_is_taken(self, shop: Shop, make: str) -> None:
        target = shop.dataset()
        shop.imported(target, "old")
        newest = shop.imported(target, "new")
        failed = shop.pending_import(target, "failed")
        shop.records.update(failed, status="CREATE_FAILED")
        shop.records.update(target, status="ACTIVE")
        attributes = {"item_id": "string", "colour": "string"}
        metadata = shop.dataset("items", attributes, DatasetType="ITEM_METADATA")
        items = shop.imported(metadata)
        group = shop.group(target, metadata)
        reads_all = {"pending_legacy_predictor": {"AlgorithmArn": "arn:aws:forecast:::algorithm/CNN-QR"}}
        predictor = shop.records.get(getattr(shop, make)(group, **reads_all.get(make, {})))
        assert predictor.inputs == {"TARGET_TIME_SERIES": newest, "ITEM_METADATA": items, "dataset_group": group}


class TestImportsUsed:
    """``DatasetImportJobArns``: what training reads, which is a matter of the algorithm."""

    @pytest.fixture
    def imports(self, shop: Shop) -> tuple[list[str], str]:
        """The imports of a target, of related series and of metadata, and their group."""
        related = {"item_id": "string", "timestamp": "timestamp", "price": "float"}
        datasets = (
            shop.dataset(),
            shop.dataset("prices", related, DatasetType="RELATED_TIME_SERIES"),
            shop.dataset("items", {"item_id": "string", "colour": "string"}, DatasetType="ITEM_METADATA"),
        )
        return [shop.imported(dataset) for dataset in datasets], shop.group(*datasets)

    def test_an_auto_predictor_uses_all(self, forecast: Any, shop: Shop, imports: tuple[list[str], str]) -> None:
        used, group = imports
        arn = shop.pending_auto_predictor(group)
        assert forecast.describe_auto_predictor(PredictorArn=arn)["DatasetImportJobArns"] == used

    @pytest.mark.parametrize(
        ("request_", "count"),
        [
            ({"AlgorithmArn": "arn:aws:forecast:::algorithm/ETS"}, 1),
            ({"AlgorithmArn": "arn:aws:forecast:::algorithm/Prophet"}, 2),
            ({"AlgorithmArn": "arn:aws:forecast:::algorithm/CNN-QR"}, 3),
            ({"AlgorithmArn": None, "PerformAutoML": True}, 3),
            ({"AlgorithmArn": None, "PerformAutoML": True, "AutoMLOverrideStrategy": "LatencyOptimized"}, 1),
        ],
    )
    def test_a_legacy_predictor_uses_what_its_models_read(
        self, forecast: Any, shop: Shop, imports: tuple[list[str], str], request_: dict[str, Any], count: int
    ) -> None:
        used, group = imports
        arn = shop.pending_legacy_predictor(group, **request_)
        assert forecast.describe_predictor(PredictorArn=arn)["DatasetImportJobArns"] == used[:count]

    def test_cnn_qr_may_be_told_what_to_leave_out(
        self, forecast: Any, shop: Shop, imports: tuple[list[str], str]
    ) -> None:
        used, group = imports
        arn = shop.pending_legacy_predictor(
            group,
            AlgorithmArn="arn:aws:forecast:::algorithm/CNN-QR",
            TrainingParameters={"use_related_data": "NONE", "use_item_metadata": "ALL"},
        )
        assert forecast.describe_predictor(PredictorArn=arn)["DatasetImportJobArns"] == [used[0], used[2]]


def test_a_name_is_taken_also_while_the_group_is_busy(shop: Shop, refused: Refused, group: str, auto: str) -> None:
    (dataset,) = shop.records.get(group).request["DatasetArns"]
    shop.pending_import(dataset, "second")
    with refused("ResourceAlreadyExistsException", auto):
        shop.pending_auto_predictor(group)
    with refused("ResourceInUseException", "UPDATE_PENDING"):
        shop.pending_auto_predictor(group, "another")


def test_an_upgraded_predictor_shows_no_dimensions_where_it_has_none(forecast: Any, shop: Shop, legacy: str) -> None:
    answer = forecast.create_auto_predictor(PredictorName="upgraded", ReferencePredictorArn=legacy)
    assert "ForecastDimensions" not in forecast.describe_auto_predictor(PredictorArn=answer["PredictorArn"])
