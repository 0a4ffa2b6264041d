"""CreateAutoPredictor: what it takes, what it fills in, what it refuses."""

import re
from typing import Any

import pytest

from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop


@pytest.fixture
def group(shop: Shop) -> str:
    return shop.imported_group()


def described(forecast: Any, arn: str) -> dict[str, Any]:
    return forecast.describe_auto_predictor(PredictorArn=arn)


def test_describe_shows_the_request_with_its_defaults(forecast: Any, shop: Shop, group: str) -> None:
    answer = described(forecast, shop.auto_predictor(group))
    assert re.fullmatch(r".*:predictor/auto_[0-9A-HJKMNP-TV-Z]{26}", answer["PredictorArn"])
    assert answer["PredictorName"] == "auto"
    assert (answer["ForecastHorizon"], answer["ForecastFrequency"]) == (7, "D")
    assert answer["ForecastTypes"] == ["0.1", "0.5", "0.9"]
    assert answer["OptimizationMetric"] == "AverageWeightedQuantileLoss"
    filling = {"aggregation": "sum", "frontfill": "none", "middlefill": "zero", "backfill": "zero"}
    configuration = [{"AttributeName": "target_value", "Transformations": filling}]
    assert answer["DataConfig"] == {"DatasetGroupArn": group, "AttributeConfigs": configuration}
    assert "ReferencePredictorSummary" not in answer


@pytest.mark.parametrize("field", ["ForecastHorizon", "ForecastFrequency", "DataConfig"])
def test_a_new_predictor_needs_data_frequency_and_horizon(
    forecast: Any, refused: Refused, group: str, field: str
) -> None:
    request = {"ForecastHorizon": 7, "ForecastFrequency": "D", "DataConfig": {"DatasetGroupArn": group}}
    del request[field]
    with refused("InvalidInputException", f"{field} is required for a new predictor"):
        forecast.create_auto_predictor(PredictorName="p", **request)


def test_the_horizon_is_a_quarter_of_the_history_at_most(shop: Shop, refused: Refused, group: str) -> None:
    with refused("InvalidInputException", "must be at most 25: the target time series has 100 periods"):
        shop.pending_auto_predictor(group, ForecastHorizon=26)
    with refused("InvalidInputException", "must be at least 1"):
        shop.pending_auto_predictor(group, ForecastHorizon=0)
    shop.pending_auto_predictor(group, ForecastHorizon=25)


def test_the_horizon_is_500_at_most(shop: Shop, refused: Refused) -> None:
    group = shop.imported_group(length=10_000)
    with refused("InvalidInputException", "must be at most 500"):
        shop.pending_auto_predictor(group, ForecastHorizon=501)
    shop.pending_auto_predictor(group, ForecastHorizon=500)


def test_the_history_is_counted_in_periods_of_the_forecast(shop: Shop, refused: Refused, group: str) -> None:
    # 100 days from Monday 2024-01-01 on touch 15 weeks.
    with refused("InvalidInputException", "must be at most 3: the target time series has 15 periods"):
        shop.pending_auto_predictor(group, ForecastFrequency="W", ForecastHorizon=4)
    shop.pending_auto_predictor(group, ForecastFrequency="W", ForecastHorizon=3)


def test_a_forecast_is_not_finer_than_its_data(shop: Shop, refused: Refused, group: str) -> None:
    with refused("InvalidInputException", "ForecastFrequency H is finer than the D of the TARGET_TIME_SERIES dataset"):
        shop.pending_auto_predictor(group, ForecastFrequency="H")
    with refused("InvalidInputException", "ForecastFrequency is '60min', which is no frequency"):
        shop.pending_auto_predictor(group, ForecastFrequency="60min")


def test_a_related_series_has_the_frequency_of_the_forecast(shop: Shop, refused: Refused) -> None:
    target = shop.dataset()
    shop.imported(target)
    attributes = {"item_id": "string", "timestamp": "timestamp", "price": "float"}
    prices = shop.dataset("prices", attributes, DatasetType="RELATED_TIME_SERIES")
    group = shop.group(target, prices)
    with refused("InvalidInputException", "ForecastFrequency W is not the D of the RELATED_TIME_SERIES dataset"):
        shop.pending_auto_predictor(group, ForecastFrequency="W", ForecastHorizon=3)
    shop.pending_auto_predictor(group, ForecastFrequency="1D")


def test_text_in_a_related_series_is_a_dimension_or_refused(shop: Shop, refused: Refused) -> None:
    stores = {"store": "string"}
    target = shop.dataset(attributes={"item_id": "string", "timestamp": "timestamp", "target_value": "float"} | stores)
    shop.imported(target)
    attributes = {"item_id": "string", "timestamp": "timestamp", "price": "float"} | stores
    group = shop.group(target, shop.dataset("prices", attributes, DatasetType="RELATED_TIME_SERIES"))
    # The text that the real service answers.
    text = (
        "The attribute(s) [store] present in the RELATED_TIME_SERIES schema should be of numeric type such as "
        "`integer` or `float`, or be added as a forecast dimension"
    )
    with refused("InvalidInputException", text):
        shop.pending_auto_predictor(group)
    shop.pending_auto_predictor(group, ForecastDimensions=["store"])


def test_dimensions_are_attributes_of_the_target(shop: Shop, refused: Refused) -> None:
    attributes = {"item_id": "string", "timestamp": "timestamp", "target_value": "float", "store": "string"}
    group = shop.imported_group(attributes=attributes)
    for wrong in ("region", "target_value", "item_id"):
        with refused("InvalidInputException", f"{wrong} is no dimension of the target; it has store"):
            shop.pending_auto_predictor(group, ForecastDimensions=[wrong])
    with refused("InvalidInputException", "store is given more than once"):
        shop.pending_auto_predictor(group, ForecastDimensions=["store", "store"])
    shop.pending_auto_predictor(group, ForecastDimensions=["store"])


@pytest.mark.parametrize(
    ("types", "text"),
    [
        (["0.1", "0.2", "0.3", "0.4", "0.5", "0.6"], "at most 5; found 6"),
        (["0.5", ".50"], ".50 is given more than once"),
        (["0.00"], "between 0.01 and 0.99; found 0.00"),
    ],
)
def test_forecast_types_are_few_and_different(
    shop: Shop, refused: Refused, group: str, types: list[str], text: str
) -> None:
    with refused("InvalidInputException", text):
        shop.pending_auto_predictor(group, ForecastTypes=types)


def test_forecast_types_are_echoed_as_given(forecast: Any, shop: Shop, group: str) -> None:
    types = [".5", "0.55", "mean", "0.99"]
    arn = shop.pending_auto_predictor(group, ForecastTypes=types)
    assert described(forecast, arn)["ForecastTypes"] == types


@pytest.mark.parametrize(
    ("transformations", "text"),
    [
        ({"middlefill": "linear"}, "middlefill is 'linear': use zero, nan, value"),
        ({"aggregation": "max_"}, "aggregation is 'max_'"),
        ({"frontfill": "zero"}, "frontfill is 'zero': use none"),
        ({"futurefill": "zero"}, "Unknown parameter 'futurefill'"),
        ({"backfill": "value"}, "say which, in backfill_value"),
        ({"backfill_value": "2"}, "Unknown parameter 'backfill_value'"),
        ({"backfill": "value", "backfill_value": "two"}, "backfill_value is 'two', which is no number"),
        ({"backfill": "value", "backfill_value": "inf"}, "backfill_value is 'inf', which is no number"),
    ],
)
def test_unknown_transformations_are_refused(
    shop: Shop, refused: Refused, group: str, transformations: dict[str, Any], text: str
) -> None:
    configuration = [{"AttributeName": "target_value", "Transformations": transformations}]
    with refused("InvalidInputException", text):
        shop.pending_auto_predictor(group, DataConfig={"AttributeConfigs": configuration})


def test_transformations_are_completed(forecast: Any, shop: Shop, group: str) -> None:
    given = {"aggregation": "avg", "backfill": "value", "backfill_value": "2"}
    configuration = [{"AttributeName": "target_value", "Transformations": given}]
    arn = shop.pending_auto_predictor(group, DataConfig={"AttributeConfigs": configuration})
    whole = given | {"frontfill": "none", "middlefill": "zero"}
    expected = [{"AttributeName": "target_value", "Transformations": whole}]
    assert described(forecast, arn)["DataConfig"]["AttributeConfigs"] == expected


@pytest.mark.parametrize(
    ("frequency", "boundary"), [("W", {"DayOfWeek": "SUNDAY"}), ("D", {"Hour": 6}), ("M", {"DayOfMonth": 15})]
)
def test_a_boundary_is_one_unit_finer_than_the_frequency(
    forecast: Any, shop: Shop, group: str, frequency: str, boundary: dict[str, Any]
) -> None:
    request = {"ForecastFrequency": frequency, "ForecastHorizon": 1, "TimeAlignmentBoundary": boundary}
    assert described(forecast, shop.pending_auto_predictor(group, **request))["TimeAlignmentBoundary"] == boundary


@pytest.mark.parametrize(
    ("frequency", "boundary", "text"),
    [
        ("D", {"DayOfWeek": "SUNDAY"}, "DayOfWeek does not fit the frequency D; it takes Hour"),
        ("W", {"DayOfWeek": "SUNDAY", "Hour": 1}, "Hour does not fit the frequency W; it takes DayOfWeek"),
    ],
)
def test_another_boundary_is_refused(
    shop: Shop, refused: Refused, frequency: str, boundary: dict[str, Any], text: str
) -> None:
    group = shop.imported_group()
    request = {"ForecastFrequency": frequency, "ForecastHorizon": 1, "TimeAlignmentBoundary": boundary}
    with refused("InvalidInputException", text):
        shop.pending_auto_predictor(group, **request)


def test_hours_have_no_boundary(shop: Shop, refused: Refused) -> None:
    group = shop.imported_group(DataFrequency="H")
    with refused("InvalidInputException", "it takes none"):
        shop.pending_auto_predictor(group, ForecastFrequency="H", TimeAlignmentBoundary={"Hour": 1})


def test_options_that_ask_for_nothing_are_taken(shop: Shop, group: str) -> None:
    shop.pending_auto_predictor(group, ExplainPredictor=False)


@pytest.mark.parametrize("metric", ["WAPE", "RMSE", "AverageWeightedQuantileLoss", "MASE", "MAPE"])
def test_the_metric_to_optimise_is_echoed(forecast: Any, shop: Shop, group: str, metric: str) -> None:
    auto = shop.auto_predictor(group, OptimizationMetric=metric)
    legacy = shop.legacy_predictor(group, OptimizationMetric=metric, AlgorithmArn=None, PerformAutoML=True)
    upgraded = forecast.create_auto_predictor(PredictorName="upgraded", ReferencePredictorArn=legacy)["PredictorArn"]
    assert forecast.describe_predictor(PredictorArn=legacy)["OptimizationMetric"] == metric
    for arn in (auto, upgraded):
        assert described(forecast, arn)["OptimizationMetric"] == metric
    for arn in (auto, legacy):
        assert forecast.get_accuracy_metrics(PredictorArn=arn)["OptimizationMetric"] == metric


class TestReference:
    """Training an earlier predictor again."""

    def again(self, forecast: Any, arn: str, name: str = "again", **request: Any) -> str:
        return forecast.create_auto_predictor(PredictorName=name, ReferencePredictorArn=arn, **request)["PredictorArn"]

    def test_the_configuration_is_the_earlier_one_and_the_data_todays(self, forecast: Any, shop: Shop) -> None:
        dataset = shop.dataset()
        shop.imported(dataset)
        first = shop.auto_predictor(shop.group(dataset), ForecastTypes=["0.3", "mean"])
        newest = shop.imported(dataset, "second")
        again = described(forecast, self.again(forecast, first, Tags=[{"Key": "run", "Value": "2"}]))
        before = described(forecast, first)
        for field in ("ForecastTypes", "ForecastHorizon", "ForecastFrequency", "DataConfig", "OptimizationMetric"):
            assert again[field] == before[field]
        assert again["DatasetImportJobArns"] == [newest]
        assert again["ReferencePredictorSummary"] == {"Arn": first, "State": "Active"}
        assert before["Status"] == "ACTIVE"

    def test_a_legacy_predictor_is_upgraded(self, forecast: Any, shop: Shop, group: str) -> None:
        filling = {"aggregation": "max", "middlefill": "mean"}
        pipeline = [{"FeaturizationMethodName": "filling", "FeaturizationMethodParameters": filling}]
        featurizations = [{"AttributeName": "target_value", "FeaturizationPipeline": pipeline}]
        legacy = shop.legacy_predictor(group, FeaturizationConfig={"Featurizations": featurizations})
        answer = described(forecast, self.again(forecast, legacy))
        assert (answer["ForecastHorizon"], answer["ForecastFrequency"]) == (7, "D")
        (configuration,) = answer["DataConfig"]["AttributeConfigs"]
        assert configuration["Transformations"] == filling | {"frontfill": "none", "backfill": "zero"}

    def test_nothing_else_may_be_given(self, forecast: Any, shop: Shop, refused: Refused, group: str) -> None:
        first = shop.auto_predictor(group)
        with refused("InvalidInputException", "ForecastHorizon follows from ReferencePredictorArn"):
            self.again(forecast, first, ForecastHorizon=3)

    def test_the_reference_is_active(self, forecast: Any, shop: Shop, refused: Refused, group: str) -> None:
        with refused("ResourceInUseException", "CREATE_PENDING"):
            self.again(forecast, shop.pending_auto_predictor(group))
        with refused("ResourceNotFoundException", "No resource found"):
            self.again(forecast, "arn:aws:forecast:us-east-1:123456789012:predictor/none")

    def test_the_horizon_may_be_a_third_of_the_history(self, forecast: Any, shop: Shop) -> None:
        dataset = shop.dataset()
        shop.imported(dataset, "long", length=100)
        first = shop.auto_predictor(shop.group(dataset), ForecastHorizon=25)
        shop.imported(dataset, "shorter", length=75)
        self.again(forecast, first)

    def test_lists_tell_whether_the_reference_is_still_there(self, forecast: Any, shop: Shop, group: str) -> None:
        first = shop.auto_predictor(group)
        again = self.again(forecast, first)
        shop.records.delete(first)
        (summary,) = forecast.list_predictors()["Predictors"]
        assert summary["PredictorArn"] == again
        assert summary["ReferencePredictorSummary"] == {"Arn": first, "State": "Deleted"}
