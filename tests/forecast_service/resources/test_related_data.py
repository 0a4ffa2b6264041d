"""What both operations that create predictors take of related attributes, holidays and the weather."""

from typing import Any

import pytest
from holidays import country_holidays

from forecast_contract.holiday_countries import HOLIDAY_COUNTRIES
from tests.forecast_service.api_client import Refused
from tests.forecast_service.shop import Shop

RELATED = {"item_id": "string", "timestamp": "timestamp", "price": "float", "visitors": "integer"}
NO_WEATHER = (
    "this service has no weather of its own: bring the weather of each item as numbers of a RELATED_TIME_SERIES"
)


@pytest.fixture
def group(shop: Shop) -> str:
    """A group with related series; all its data are there."""
    target, related = shop.dataset(), shop.dataset("prices", RELATED, DatasetType="RELATED_TIME_SERIES")
    shop.imported(target)
    shop.imported(related)
    return shop.group(target, related)


def auto_filling(shop: Shop, group: str, name: str, parameters: dict[str, Any]) -> str:
    configuration = [{"AttributeName": name, "Transformations": parameters}]
    return shop.pending_auto_predictor(group, DataConfig={"AttributeConfigs": configuration})


def legacy_filling(shop: Shop, group: str, name: str, parameters: dict[str, Any]) -> str:
    method = {"FeaturizationMethodName": "filling", "FeaturizationMethodParameters": parameters}
    featurization = {"AttributeName": name, "FeaturizationPipeline": [method]}
    return shop.pending_legacy_predictor(group, FeaturizationConfig={"Featurizations": [featurization]})


@pytest.mark.parametrize(
    ("filling", "text"),
    [
        (
            ("price", {"aggregation": "sum"}),
            "Unknown parameter 'aggregation' of price: use middlefill, backfill, futurefi",
        ),
        (("price", {"frontfill": "none"}), "Unknown parameter 'frontfill' of price"),
        (("price", {"middlefill": "nan"}), "middlefill is 'nan': use zero, value, median, mean, min, max"),
        (("price", {"futurefill": "value"}), "futurefill is 'value': say which, in futurefill_value"),
        (
            ("price", {"futurefill": "value", "futurefill_value": "nan"}),
            "futurefill_value is 'nan', which is no number",
        ),
        (("target_value", {"futurefill": "zero"}), "Unknown parameter 'futurefill' of target_value"),
        (
            ("item_id", {"middlefill": "zero"}),
            "Attribute item_id cannot be transformed: use the target target_value, price,",
        ),
        (("colour", {"middlefill": "zero"}), "Attribute colour cannot be transformed"),
    ],
)
def test_fillings_that_an_attribute_does_not_take_are_refused(
    shop: Shop, refused: Refused, group: str, filling: tuple[str, dict[str, str]], text: str
) -> None:
    for create in (auto_filling, legacy_filling):
        with refused("InvalidInputException", text):
            create(shop, group, *filling)


WHOLE = {"aggregation": "sum", "frontfill": "none", "middlefill": "zero", "backfill": "zero"}
FILLINGS = {"middlefill": "mean", "backfill": "value", "backfill_value": "2", "futurefill": "max"}


def test_fillings_of_related_numbers_are_shown_as_given_behind_the_targets(
    forecast: Any, shop: Shop, group: str
) -> None:
    auto = auto_filling(shop, group, "price", FILLINGS)
    assert forecast.describe_auto_predictor(PredictorArn=auto)["DataConfig"]["AttributeConfigs"] == [
        {"AttributeName": "target_value", "Transformations": WHOLE},
        {"AttributeName": "price", "Transformations": FILLINGS},
    ]
    legacy = legacy_filling(shop, group, "visitors", FILLINGS)
    shown = forecast.describe_predictor(PredictorArn=legacy)["FeaturizationConfig"]["Featurizations"]
    parameters = [entry["FeaturizationPipeline"][0]["FeaturizationMethodParameters"] for entry in shown]
    assert [entry["AttributeName"] for entry in shown] == ["target_value", "visitors"]
    assert parameters == [WHOLE, FILLINGS]


def test_an_attribute_without_a_method_is_shown_without_one(forecast: Any, shop: Shop, group: str) -> None:
    arn = shop.pending_legacy_predictor(group, FeaturizationConfig={"Featurizations": [{"AttributeName": "price"}]})
    shown = forecast.describe_predictor(PredictorArn=arn)["FeaturizationConfig"]["Featurizations"]
    assert shown[1] == {"AttributeName": "price"}


def test_related_series_have_a_number_to_learn_from(shop: Shop, refused: Refused) -> None:
    target = shop.dataset(
        attributes={"item_id": "string", "timestamp": "timestamp", "target_value": "float", "store": "string"}
    )
    shop.imported(target)
    stores = {"item_id": "string", "timestamp": "timestamp", "store": "string"}
    group = shop.group(target, shop.dataset("stores", stores, DatasetType="RELATED_TIME_SERIES"))
    with refused("InvalidInputException", "has no number (`integer` or `float`) to learn from; found item_id, times"):
        shop.pending_auto_predictor(group, ForecastDimensions=["store"])


def holiday(*codes: str) -> list[dict[str, Any]]:
    return [{"Name": "holiday", "Configuration": {"CountryCode": list(codes)}}]


@pytest.mark.parametrize(
    ("datasets", "text"),
    [
        (holiday("US", "KR"), "CountryCode is one country for all items; found US, KR"),
        (holiday("KP"), "KP is no country whose holidays are known: use one of AE, AL, AR"),
        (holiday("us"), "us is no country"),
        (holiday("US") + holiday("KR"), "holiday is given more than once"),
        ([{"Name": "holiday"}], "the Configuration of holiday is CountryCode alone; found nothing"),
        ([{"Name": "holiday", "Configuration": {"Country": ["US"]}}], "CountryCode alone; found Country"),
        ([{"Name": "weather"}], f"DataConfig.AdditionalDatasets: {NO_WEATHER}"),
        ([{"Name": "tides"}], "tides is unknown: use holiday"),
    ],
)
def test_additional_datasets_are_the_holidays_of_one_country(
    shop: Shop, refused: Refused, group: str, datasets: list[dict[str, Any]], text: str
) -> None:
    with refused("InvalidInputException", text):
        shop.pending_auto_predictor(group, DataConfig={"AdditionalDatasets": datasets})


@pytest.mark.parametrize(
    ("feature", "text"),
    [
        ({"Name": "holiday", "Value": "XX"}, "XX is no country whose holidays are known"),
        ({"Name": "weather", "Value": "true"}, f"InputDataConfig.SupplementaryFeatures: {NO_WEATHER}"),
    ],
)
def test_supplementary_features_are_the_holidays_of_one_country(
    shop: Shop, refused: Refused, group: str, feature: dict[str, str], text: str
) -> None:
    data = {"DatasetGroupArn": group, "SupplementaryFeatures": [feature]}
    with refused("InvalidInputException", text):
        shop.pending_legacy_predictor(group, InputDataConfig=data)


def test_upgrading_and_training_again_carry_holidays_and_fillings_over(forecast: Any, shop: Shop, group: str) -> None:
    data = {"DatasetGroupArn": group, "SupplementaryFeatures": [{"Name": "holiday", "Value": "KR"}]}
    method = {"FeaturizationMethodName": "filling", "FeaturizationMethodParameters": FILLINGS}
    featurizations = [{"AttributeName": "price", "FeaturizationPipeline": [method]}, {"AttributeName": "visitors"}]
    legacy = shop.legacy_predictor(group, InputDataConfig=data, FeaturizationConfig={"Featurizations": featurizations})
    assert forecast.describe_predictor(PredictorArn=legacy)["InputDataConfig"] == data
    shown: list[Any] = []
    for name, reference in (("upgraded", legacy), ("again", None)):
        created = forecast.create_auto_predictor(PredictorName=name, ReferencePredictorArn=reference or shown[0])
        arn = shop.end(created["PredictorArn"], {"PredictorEvaluationResults": []})
        assert forecast.describe_auto_predictor(PredictorArn=arn)["DataConfig"] == {
            "DatasetGroupArn": group,
            "AttributeConfigs": [
                {"AttributeName": "target_value", "Transformations": WHOLE},
                {"AttributeName": "price", "Transformations": FILLINGS},
            ],
            "AdditionalDatasets": holiday("KR"),
        }
        shown.append(arn)


def test_the_66_countries_have_holidays() -> None:
    assert len(set(HOLIDAY_COUNTRIES)) == len(HOLIDAY_COUNTRIES) == 66
    for country in HOLIDAY_COUNTRIES:
        assert len(country_holidays(country, years=2019)) >= 4, country  # Switzerland as a whole has four
