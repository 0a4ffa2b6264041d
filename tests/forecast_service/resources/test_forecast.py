"""Forecasts: from an ACTIVE predictor and the newest data; their query."""

from datetime import datetime, time
from typing import Any

import pytest

from forecast_service.records.record import Record
from forecast_service.resources.forecast import timestamp_in
from forecast_service.storage import forecast_query
from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop


@pytest.fixture
def dataset(shop: Shop) -> str:
    dataset = shop.dataset()
    shop.imported(dataset)
    return dataset


@pytest.fixture
def predictor(shop: Shop, dataset: str) -> str:
    return shop.auto_predictor(shop.group(dataset), ForecastTypes=["0.2", "mean"])


def test_describe_shows_where_it_comes_from(forecast: Any, shop: Shop, predictor: str) -> None:
    answer = forecast.describe_forecast(ForecastArn=shop.forecast(predictor))
    assert (answer["ForecastName"], answer["PredictorArn"]) == ("week", predictor)
    assert answer["DatasetGroupArn"] == "arn:aws:forecast:us-east-1:123456789012:dataset-group/shop"
    assert answer["ForecastTypes"] == ["0.2", "mean"]


def test_types_may_differ_from_those_of_training(forecast: Any, shop: Shop, predictor: str, refused: Refused) -> None:
    arn = shop.pending_forecast(predictor, ForecastTypes=["0.01", ".99"])
    assert forecast.describe_forecast(ForecastArn=arn)["ForecastTypes"] == ["0.01", ".99"]
    with refused("InvalidInputException", "more than once"):
        shop.pending_forecast(predictor, "other", ForecastTypes=["mean", "mean"])


def test_the_newest_data_is_taken_not_that_of_training(shop: Shop, dataset: str, predictor: str) -> None:
    newest = shop.imported(dataset, "newer")
    record = shop.records.get(shop.pending_forecast(predictor))
    assert record.inputs["TARGET_TIME_SERIES"] == newest


def test_a_forecast_needs_an_active_predictor(shop: Shop, dataset: str, refused: Refused) -> None:
    predictor = shop.pending_auto_predictor(shop.group(dataset))
    with refused("ResourceInUseException", f"the predictor {predictor} is CREATE_PENDING"):
        shop.pending_forecast(predictor)


def test_a_forecast_waits_for_a_running_import(shop: Shop, dataset: str, predictor: str, refused: Refused) -> None:
    shop.pending_import(dataset, "newer")
    with refused("ResourceInUseException", "UPDATE_PENDING"):
        shop.pending_forecast(predictor)


def selector(*names: str, **fields: Any) -> dict[str, Any]:
    schema = {"Attributes": [{"AttributeName": name, "AttributeType": "string"} for name in names]}
    source = {"S3Config": {"Path": "s3://data-bucket/selected.csv", "RoleArn": "arn:aws:iam::123456789012:role/data"}}
    return {"TimeSeriesIdentifiers": {"DataSource": source, "Schema": schema} | fields}


def test_a_selection_of_series_is_echoed(forecast: Any, shop: Shop, predictor: str) -> None:
    selected = shop.pending_forecast(predictor, TimeSeriesSelector=selector("item_id", Format="CSV"))
    answer = forecast.describe_forecast(ForecastArn=selected)
    assert answer["TimeSeriesSelector"] == selector("item_id", Format="CSV")
    assert "TimeSeriesSelector" not in forecast.describe_forecast(ForecastArn=shop.pending_forecast(predictor, "all"))


def test_a_selection_names_what_tells_series_apart(shop: Shop, refused: Refused) -> None:
    attributes = {"item_id": "string", "timestamp": "timestamp", "target_value": "float"}
    group = shop.imported_group(name="shops", attributes=attributes | {"store": "string", "colour": "string"})
    predictors = [
        shop.auto_predictor(group, ForecastDimensions=["store"]),
        shop.legacy_predictor(group, FeaturizationConfig={"ForecastDimensions": ["store"]}),
    ]
    for predictor in predictors:
        for names in (["store"], ["item_id"], ["item_id", "colour"], ["item_id", "store", "store"]):
            with refused("InvalidInputException", "a series is named by item_id, store"):
                shop.pending_forecast(predictor, TimeSeriesSelector=selector(*names))
    shop.pending_forecast(predictors[0], TimeSeriesSelector=selector("store", "item_id"))


def test_a_selection_says_where_it_is_and_how_it_is_written(shop: Shop, predictor: str, refused: Refused) -> None:
    for field in ("DataSource", "Schema"):
        given = selector("item_id")
        del given["TimeSeriesIdentifiers"][field]
        with refused("InvalidInputException", f"TimeSeriesIdentifiers.{field} is required"):
            shop.pending_forecast(predictor, TimeSeriesSelector=given)
    with refused("InvalidInputException", "DataSource is required"):
        shop.pending_forecast(predictor, TimeSeriesSelector={})
    number = selector("item_id")
    number["TimeSeriesIdentifiers"]["Schema"]["Attributes"][0]["AttributeType"] = "integer"
    with refused("InvalidInputException", "item_id is of type integer"):
        shop.pending_forecast(predictor, TimeSeriesSelector=number)


def test_lists_say_which_kind_of_predictor_made_it(forecast: Any, shop: Shop, predictor: str) -> None:
    legacy = shop.legacy_predictor("arn:aws:forecast:us-east-1:123456789012:dataset-group/shop")
    made = {shop.forecast(predictor, "a"): True, shop.forecast(legacy, "b"): False}
    found = forecast.list_forecasts()["Forecasts"]
    assert {summary["ForecastArn"]: summary["CreatedUsingAutoPredictor"] for summary in found} == made


def test_lists_are_filtered_by_predictor(forecast: Any, shop: Shop, predictor: str) -> None:
    other = shop.legacy_predictor("arn:aws:forecast:us-east-1:123456789012:dataset-group/shop")
    arn = shop.forecast(predictor)
    for value, expected in ((predictor, [arn]), (other, [])):
        filters = [{"Key": "PredictorArn", "Condition": "IS", "Value": value}]
        found = forecast.list_forecasts(Filters=filters)["Forecasts"]
        assert [summary["ForecastArn"] for summary in found] == expected


class TestQuery:
    """QueryForecast, up to where the data plane takes over."""

    def test_filters_and_times_reach_the_data(
        self, forecastquery: Any, shop: Shop, predictor: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls = []
        predictions = {"p20": [{"Timestamp": "2024-04-10T00:00:00", "Value": 1.5}]}

        def query_forecast(record: Record, filters: dict[str, str], start: Any, end: Any) -> Any:
            calls.append((record.arn, filters, start, end))
            return predictions

        monkeypatch.setattr(forecast_query, "query_forecast", query_forecast)
        arn = shop.forecast(predictor)
        answer = forecastquery.query_forecast(
            ForecastArn=arn, Filters={"item_id": "a"}, StartDate="2024-04-10T00:00:00"
        )
        assert answer["Forecast"] == {"Predictions": predictions}
        assert calls == [(arn, {"item_id": "a"}, datetime(2024, 4, 10), None)]

    def test_a_forecast_that_is_not_active_waits(
        self, forecastquery: Any, shop: Shop, predictor: str, refused: Refused
    ) -> None:
        with refused("ResourceInUseException", "CREATE_PENDING"):
            forecastquery.query_forecast(ForecastArn=shop.pending_forecast(predictor), Filters={"item_id": "a"})

    def test_an_unknown_forecast_is_not_found(self, forecastquery: Any, refused: Refused) -> None:
        arn = "arn:aws:forecast:us-east-1:123456789012:forecast/none"
        with refused("ResourceNotFoundException", f"No resource found {arn}"):
            forecastquery.query_forecast(ForecastArn=arn, Filters={"item_id": "a"})

    @pytest.mark.parametrize("start", ["2024-4-10", "2024-04-10T00:00:00+09:00", "2024-02-30", "tomorrow"])
    def test_a_time_of_another_form_is_refused(
        self, forecastquery: Any, shop: Shop, predictor: str, refused: Refused, start: str
    ) -> None:
        with refused("InvalidInputException", f"StartDate is '{start}', and must have the form yyyy-MM-ddTHH:mm:ss"):
            forecastquery.query_forecast(
                ForecastArn=shop.forecast(predictor), Filters={"item_id": "a"}, StartDate=start
            )

    def test_the_end_is_not_before_the_start(
        self, forecastquery: Any, shop: Shop, predictor: str, refused: Refused
    ) -> None:
        times = {"StartDate": "2024-04-11T00:00:00", "EndDate": "2024-04-10T00:00:00"}
        with refused("InvalidInputException", "is after EndDate"):
            forecastquery.query_forecast(ForecastArn=shop.forecast(predictor), Filters={"item_id": "a"}, **times)


def test_a_query_answers_the_whole_range_and_so_knows_no_token(
    forecastquery: Any, shop: Shop, predictor: str, refused: Refused
) -> None:
    with refused("InvalidNextTokenException", "NextToken"):
        forecastquery.query_forecast(ForecastArn=shop.forecast(predictor), Filters={"item_id": "a"}, NextToken="more")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-04-10T06:00:00", datetime(2024, 4, 10, 6)),
        ("2024-04-10T06:00:00Z", datetime(2024, 4, 10, 6)),
        ("2024-04-10T06:00:00.500Z", datetime(2024, 4, 10, 6, 0, 0, 500_000)),  # as JavaScript writes times
        ("2024-04-10T06:00:00+00:00", datetime(2024, 4, 10, 6)),  # as Python writes them
        ("2024-04-10", datetime(2024, 4, 10, 23, 59, 59)),
    ],
)
def test_times_may_be_days_have_fractions_and_end_in_z(written: str, meant: datetime) -> None:
    assert timestamp_in({"EndDate": written}, "EndDate", day=time(23, 59, 59)) == meant
