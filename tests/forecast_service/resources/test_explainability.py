"""Explainabilities: of a predictor as a whole, or of some series and time points of a forecast."""

from typing import Any

import pytest

from forecast_service.records import lifecycle
from tests.forecast_service.api_client import CREATED_BY, Refused, StartedJobs
from tests.forecast_service.shop import Shop

HOME = "arn:aws:forecast:us-east-1:123456789012"
S3_CONFIG = {"Path": "s3://data-bucket/series.csv", "RoleArn": "arn:aws:iam::123456789012:role/data"}


@pytest.fixture
def target(shop: Shop) -> str:
    dataset = shop.dataset()
    shop.imported(dataset)
    return dataset


@pytest.fixture
def predictor(shop: Shop, target: str) -> str:
    return shop.auto_predictor(shop.group(target, shop.imported_items()))


@pytest.fixture
def week(shop: Shop, predictor: str) -> str:
    return shop.forecast(predictor)


def granularity(series: str, points: str) -> dict[str, Any]:
    return {"ExplainabilityConfig": {"TimeSeriesGranularity": series, "TimePointGranularity": points}}


def chosen_series(*names: str, attribute_type: str = "string") -> dict[str, Any]:
    attributes = [{"AttributeName": name, "AttributeType": attribute_type} for name in names]
    return {"DataSource": {"S3Config": S3_CONFIG}, "Schema": {"Attributes": attributes}}


def chosen_points(start: str, end: str) -> dict[str, str]:
    return {"StartDateTime": start, "EndDateTime": end}


WEEK = chosen_points("2024-04-10T00:00:00", "2024-04-16T00:00:00")


class TestOfAPredictor:
    def test_describe_shows_what_was_asked_for(self, forecast: Any, shop: Shop, predictor: str) -> None:
        answer = forecast.describe_explainability(ExplainabilityArn=shop.explainability(predictor))
        del answer["ResponseMetadata"], answer["CreationTime"], answer["LastModificationTime"]
        assert answer == {
            "ExplainabilityArn": f"{HOME}:explainability/why",
            "ExplainabilityName": "why",
            "ResourceArn": predictor,
            "EnableVisualization": False,
            "Status": "ACTIVE",
            **granularity("ALL", "ALL"),
        }

    def test_the_predictor_shows_its_explainability(self, forecast: Any, shop: Shop, predictor: str) -> None:
        assert "ExplainabilityInfo" not in forecast.describe_auto_predictor(PredictorArn=predictor)
        arn = shop.pending_explainability(predictor)
        info = forecast.describe_auto_predictor(PredictorArn=predictor)["ExplainabilityInfo"]
        assert info == {"ExplainabilityArn": arn, "Status": "CREATE_PENDING"}

    def test_that_of_a_forecast_is_not_the_predictors(
        self, forecast: Any, shop: Shop, predictor: str, week: str
    ) -> None:
        shop.explainability(week)
        assert "ExplainabilityInfo" not in forecast.describe_auto_predictor(PredictorArn=predictor)

    def test_there_is_one(self, shop: Shop, predictor: str, refused: Refused) -> None:
        arn = shop.explainability(predictor)
        with refused("ResourceAlreadyExistsException", f"already exists with the arn: {arn}"):
            shop.pending_explainability(predictor, "again")

    def test_one_that_failed_may_be_tried_again(self, forecast: Any, shop: Shop, predictor: str) -> None:
        lifecycle.fail(shop.records, shop.pending_explainability(predictor), "no")
        arn = shop.pending_explainability(predictor, "again")
        info = forecast.describe_auto_predictor(PredictorArn=predictor)["ExplainabilityInfo"]
        assert info["ExplainabilityArn"] == arn

    @pytest.mark.parametrize(
        "fields",
        [
            granularity("SPECIFIC", "ALL") | chosen_series("item_id"),
            granularity("ALL", "SPECIFIC") | WEEK,
        ],
    )
    def test_it_is_explained_as_a_whole(
        self, shop: Shop, predictor: str, refused: Refused, fields: dict[str, Any]
    ) -> None:
        with refused("InvalidInputException", "of a predictor's explainability must be ALL; found SPECIFIC"):
            shop.pending_explainability(predictor, **fields)

    @pytest.mark.parametrize("fields", [chosen_series("item_id"), WEEK])
    def test_nothing_of_it_is_chosen(
        self, shop: Shop, predictor: str, refused: Refused, fields: dict[str, Any]
    ) -> None:
        with refused("InvalidInputException", f"{next(iter(fields))} is given, and Time"):
            shop.pending_explainability(predictor, **fields)

    def test_it_must_be_active(self, shop: Shop, target: str, refused: Refused) -> None:
        training = shop.pending_auto_predictor(shop.group(target, shop.imported_items()))
        with refused("ResourceInUseException", f"the predictor {training} is CREATE_PENDING"):
            shop.pending_explainability(training)

    def test_a_legacy_one_cannot_be_explained(self, shop: Shop, target: str, refused: Refused) -> None:
        legacy = shop.legacy_predictor(shop.group(target, shop.imported_items()))
        with refused("InvalidInputException", "not of an AutoPredictor"):
            shop.pending_explainability(legacy)
        with refused("InvalidInputException", "not of an AutoPredictor"):
            shop.pending_explainability(shop.forecast(legacy))

    def test_without_attributes_there_is_nothing_to_explain(self, shop: Shop, target: str, refused: Refused) -> None:
        bare = shop.auto_predictor(shop.group(target))
        for explained in (bare, shop.forecast(bare)):
            with refused("InvalidInputException", "the predictor has none"):
                shop.pending_explainability(explained)

    def test_data_that_are_gone_cannot_be_asked(
        self, forecast: Any, shop: Shop, target: str, predictor: str, refused: Refused
    ) -> None:
        job = f"{HOME}:dataset-import-job/sales/first"
        shop.imported(target, "newer")
        forecast.delete_dataset_import_job(DatasetImportJobArn=job)
        lifecycle.deleted(shop.records, job)
        with refused("InvalidInputException", f"No resource found {job}, an import whose data it was made from"):
            shop.pending_explainability(predictor)

    def test_its_data_stay_while_it_is_made(
        self, forecast: Any, shop: Shop, target: str, predictor: str, refused: Refused
    ) -> None:
        shop.imported(target, "newer")
        arn = shop.pending_explainability(predictor)
        with refused("ResourceInUseException", f"{arn} is being created from its data"):
            forecast.delete_dataset_import_job(DatasetImportJobArn=f"{HOME}:dataset-import-job/sales/first")


class TestExplainPredictor:
    def test_the_explainability_comes_with_the_predictor_and_waits(
        self, forecast: Any, shop: Shop, target: str, started_jobs: StartedJobs
    ) -> None:
        group = shop.group(target, shop.imported_items())
        predictor = shop.pending_auto_predictor(group, ExplainPredictor=True)
        info = forecast.describe_auto_predictor(PredictorArn=predictor)["ExplainabilityInfo"]
        assert info["Status"] == "CREATE_PENDING"
        answer = forecast.describe_explainability(ExplainabilityArn=info["ExplainabilityArn"])
        assert (answer["ResourceArn"], answer["ExplainabilityConfig"]) == (
            predictor,
            granularity("ALL", "ALL")["ExplainabilityConfig"],
        )
        assert info["ExplainabilityArn"] not in [job["Arn"] for job in started_jobs()]

    def test_its_name_is_that_of_no_other(self, forecast: Any, shop: Shop, target: str) -> None:
        group = shop.group(target, shop.imported_items())
        long_name = "a" * 63
        names = set()
        for name in (long_name, long_name[:62]):
            shop.auto_predictor(group, name, ExplainPredictor=True)
        for summary in forecast.list_explainabilities()["Explainabilities"]:
            assert summary["ExplainabilityArn"] == f"{HOME}:explainability/{summary['ExplainabilityName']}"
            names.add(summary["ExplainabilityName"])
        assert [len(name) for name in names] == [63, 63]

    def test_there_must_be_something_to_explain(self, forecast: Any, shop: Shop, target: str, refused: Refused) -> None:
        with refused("InvalidInputException", "ExplainPredictor needs attributes to explain"):
            shop.pending_auto_predictor(shop.group(target), ExplainPredictor=True)
        assert forecast.list_predictors()["Predictors"] == []

    def test_holidays_are_something_to_explain(self, forecast: Any, shop: Shop, target: str) -> None:
        holidays = [{"Name": "holiday", "Configuration": {"CountryCode": ["US"]}}]
        config = {"AdditionalDatasets": holidays}
        predictor = shop.pending_auto_predictor(shop.group(target), DataConfig=config, ExplainPredictor=True)
        assert "ExplainabilityInfo" in forecast.describe_auto_predictor(PredictorArn=predictor)

    def test_a_predictor_that_is_trained_again_may_be_explained_too(
        self, forecast: Any, shop: Shop, predictor: str
    ) -> None:
        again = forecast.create_auto_predictor(
            PredictorName="again", ReferencePredictorArn=predictor, ExplainPredictor=True
        )
        answer = forecast.describe_auto_predictor(PredictorArn=again["PredictorArn"])
        assert answer["ExplainabilityInfo"]["Status"] == "CREATE_PENDING"

    def test_a_second_one_is_refused(self, forecast: Any, shop: Shop, target: str, refused: Refused) -> None:
        predictor = shop.auto_predictor(shop.group(target, shop.imported_items()), ExplainPredictor=True)
        with refused("ResourceAlreadyExistsException"):
            shop.pending_explainability(predictor)


class TestOfAForecast:
    def test_what_is_chosen_is_echoed(self, forecast: Any, shop: Shop, week: str) -> None:
        fields = granularity("SPECIFIC", "SPECIFIC") | chosen_series("item_id") | WEEK | {"EnableVisualization": True}
        answer = forecast.describe_explainability(ExplainabilityArn=shop.pending_explainability(week, **fields))
        assert {field: answer[field] for field in fields} == fields
        assert answer["ResourceArn"] == week

    def test_there_may_be_many(self, shop: Shop, week: str) -> None:
        assert shop.explainability(week, "one") != shop.explainability(week, "two")

    def test_few_series_are_all_explained(self, shop: Shop, predictor: str, refused: Refused) -> None:
        shop.pending_explainability(shop.forecast(predictor, "small", series_count=50), "fifty")
        with refused("InvalidInputException", "has 51 series, and at most 50 are explained at a time"):
            shop.pending_explainability(shop.forecast(predictor, "large", series_count=51))

    @pytest.mark.parametrize(
        ("fields", "missing"),
        [
            (granularity("SPECIFIC", "ALL"), "TimeSeriesGranularity is SPECIFIC, which needs DataSource"),
            (granularity("SPECIFIC", "ALL") | {"DataSource": {"S3Config": S3_CONFIG}}, "which needs Schema"),
            (granularity("ALL", "SPECIFIC"), "TimePointGranularity is SPECIFIC, which needs StartDateTime"),
            (granularity("ALL", "SPECIFIC") | {"StartDateTime": "2024-04-10T00:00:00"}, "which needs EndDateTime"),
            (granularity("ALL", "ALL") | WEEK, "StartDateTime is given, and TimePointGranularity is ALL"),
            (chosen_series("item_id"), "DataSource is given, and TimeSeriesGranularity is ALL"),
        ],
    )
    def test_what_chooses_goes_with_specific(
        self, shop: Shop, week: str, refused: Refused, fields: dict[str, Any], missing: str
    ) -> None:
        with refused("InvalidInputException", missing):
            shop.pending_explainability(week, **fields)

    def test_series_are_named_as_the_forecast_names_them(self, shop: Shop, refused: Refused) -> None:
        attributes = {"item_id": "string", "timestamp": "timestamp", "target_value": "float", "store": "string"}
        stores = shop.dataset("stores", attributes)
        shop.imported(stores)
        predictor = shop.auto_predictor(shop.group(stores, shop.imported_items()), ForecastDimensions=["store"])
        forecast = shop.forecast(predictor)
        for names in (["item_id"], ["item_id", "store", "brand"]):
            with refused("InvalidInputException", "a series is named by item_id, store"):
                shop.pending_explainability(forecast, **granularity("SPECIFIC", "ALL"), **chosen_series(*names))
        fields = granularity("SPECIFIC", "ALL") | chosen_series("store", "item_id", attribute_type="integer")
        with refused("InvalidInputException", "Schema: store is of type integer"):
            shop.pending_explainability(forecast, **fields)
        shop.pending_explainability(forecast, **granularity("SPECIFIC", "ALL"), **chosen_series("store", "item_id"))

    @pytest.mark.parametrize(
        ("points", "reason"),
        [
            (("2024-04-12T00:00:00", "2024-04-11T00:00:00"), "is after EndDateTime"),
            (("2024-04-01T00:00:00", "2024-04-09T23:59:59"), "from 2024-04-10T00:00:00 to 2024-04-16T00:00:00"),
            (("2024-04-17T00:00:00", "2024-04-18T00:00:00"), "hold no time point"),
            (("2024-13-01T00:00:00", "2024-04-18T00:00:00"), "must have the form yyyy-MM-ddTHH:mm:ss"),
        ],
    )
    def test_time_points_lie_in_the_horizon(
        self, shop: Shop, week: str, refused: Refused, points: tuple[str, str], reason: str
    ) -> None:
        with refused("InvalidInputException", reason):
            shop.pending_explainability(week, **granularity("ALL", "SPECIFIC"), **chosen_points(*points))

    def test_it_must_be_active(self, shop: Shop, predictor: str, refused: Refused) -> None:
        pending = shop.pending_forecast(predictor)
        with refused("ResourceInUseException", f"the forecast {pending} is CREATE_PENDING"):
            shop.pending_explainability(pending)

    def test_what_is_neither_is_not_found(self, shop: Shop, target: str, refused: Refused) -> None:
        with refused("ResourceNotFoundException", target):
            shop.pending_explainability(target)


def test_lists_are_filtered_by_what_is_explained_and_by_status(
    forecast: Any, shop: Shop, predictor: str, week: str
) -> None:
    of_predictor, of_forecast = shop.explainability(predictor, "a"), shop.pending_explainability(week, "b")

    def found(key: str, value: str, condition: str = "IS") -> list[str]:
        filters = [{"Key": key, "Condition": condition, "Value": value}]
        return [s["ExplainabilityArn"] for s in forecast.list_explainabilities(Filters=filters)["Explainabilities"]]

    assert found("ResourceArn", predictor) == found("Status", "ACTIVE") == [of_predictor]
    assert found("ResourceArn", predictor, "IS_NOT") == [of_forecast]
    summary = forecast.list_explainabilities()["Explainabilities"][0]
    assert (summary["ResourceArn"], summary["ExplainabilityConfig"]) == (
        week,
        granularity("ALL", "ALL")["ExplainabilityConfig"],
    )


def test_tags_and_stops_work_as_for_all(forecast: Any, shop: Shop, predictor: str) -> None:
    arn = shop.pending_explainability(predictor, Tags=[{"Key": "team", "Value": "sales"}])
    assert forecast.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "sales"}, CREATED_BY]
    forecast.stop_resource(ResourceArn=arn)
    assert forecast.describe_explainability(ExplainabilityArn=arn)["Status"] == "CREATE_STOPPING"
