"""What a predictor says of related time series, item metadata, holidays: passed on as it is, or refused."""

from typing import Any

import pytest

from tests.forecast_pipeline.parameters.shops_parameters import AUTO, LEGACY, Change, complaint, config, read


def test_everything_an_auto_predictor_may_say_is_passed_on_as_it_stands() -> None:
    predictor = read(AUTO, lambda tree: None).AutoPredictor
    assert predictor is not None
    assert predictor.without_nulls() == AUTO["AutoPredictor"]


def test_everything_a_legacy_predictor_may_say_is_passed_on_as_it_stands() -> None:
    predictor = read(LEGACY, lambda tree: None).Predictor
    assert predictor is not None
    assert predictor.without_nulls() == LEGACY["Predictor"]


def price(tree: dict[str, Any]) -> dict[str, Any]:
    transformations: dict[str, Any] = config(tree)["AttributeConfigs"][1]["Transformations"]
    return transformations


PRICE = "AutoPredictor.DataConfig.AttributeConfigs[1]"
HOLIDAY = "AutoPredictor.DataConfig.AdditionalDatasets[0]"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda tree: config(tree)["AttributeConfigs"][1].update(AttributeName="cost"),
            f'{PRICE}.AttributeName: found "cost", wanted demand, or a number of the related time series '
            "(price, promotion_applied).",
        ),
        (
            lambda tree: config(tree)["AttributeConfigs"][1].update(AttributeName="location"),
            f'{PRICE}.AttributeName: found "location", wanted demand, or a number of the related time series (price, ',
        ),
        (
            lambda tree: config(tree)["AttributeConfigs"].append(config(tree)["AttributeConfigs"][1]),
            'AutoPredictor.DataConfig.AttributeConfigs[2].AttributeName: found "price" twice, wanted it once.',
        ),
        (
            lambda tree: price(tree).update(middlefill="nan"),
            f'{PRICE}.Transformations.middlefill: found "nan", wanted one of zero, value, median, mean, min, max.',
        ),
        (
            lambda tree: price(tree).update(aggregation="avg"),
            f"{PRICE}.Transformations.aggregation: not a known member, known here are middlefill, backfill, ",
        ),
        (
            lambda tree: price(tree).pop("backfill_value"),
            f"{PRICE}.Transformations.backfill_value: missing, and backfill value needs it.",
        ),
        (
            lambda tree: price(tree).update(backfill_value="cheap"),
            f'{PRICE}.Transformations.backfill_value: found "cheap", wanted a whole number in quotes.',
        ),
        (
            lambda tree: price(tree).update(backfill_value="inf"),
            f'{PRICE}.Transformations.backfill_value: found "inf", wanted a whole number in quotes.',
        ),
        (
            lambda tree: price(tree).update(backfill_value="2.5"),
            f'{PRICE}.Transformations.backfill_value: found "2.5", wanted a whole number in quotes.',
        ),
        (
            lambda tree: config(tree)["AttributeConfigs"][0]["Transformations"].update(futurefill="zero"),
            "AutoPredictor.DataConfig.AttributeConfigs[0].Transformations.futurefill: not a known member, known here ",
        ),
        (
            lambda tree: config(tree)["AttributeConfigs"][0]["Transformations"].update(frontfill="zero"),
            'AutoPredictor.DataConfig.AttributeConfigs[0].Transformations.frontfill: found "zero", wanted none.',
        ),
        (
            lambda tree: config(tree).update(AdditionalDatasets=[{"Name": "weather"}]),
            f'{HOLIDAY}.Name: found "weather", wanted "holiday": weather is not to be had here, so bring it as ',
        ),
        (
            lambda tree: config(tree).update(AdditionalDatasets=[{"Name": "holidays"}]),
            f'{HOLIDAY}.Name: found "holidays", wanted "holiday".',
        ),
        (
            lambda tree: config(tree).update(AdditionalDatasets=[{"Name": "holiday"}]),
            f'{HOLIDAY}.Configuration: found null, wanted one country as in {{"CountryCode": ["KR"]}}.',
        ),
        (
            lambda tree: config(tree)["AdditionalDatasets"][0].update(Configuration={"CountryCode": ["KR", "US"]}),
            f'{HOLIDAY}.Configuration: found {{"CountryCode": ["KR", "US"]}}, wanted one country as in {{"Count',
        ),
        (
            lambda tree: config(tree)["AdditionalDatasets"][0].update(Configuration={"CountryCode": ["kr"]}),
            f'{HOLIDAY}.Configuration.CountryCode[0]: found "kr", wanted one of AE, AL, AR, AT, ',
        ),
        (
            lambda tree: config(tree)["AdditionalDatasets"].append(config(tree)["AdditionalDatasets"][0]),
            'AutoPredictor: found "holiday" 2 times, wanted one country.',
        ),
        (
            lambda tree: tree["AutoPredictor"].update(TimeAlignmentBoundary={"DayOfWeek": "SUNDAY"}),
            'AutoPredictor.TimeAlignmentBoundary: found DayOfWeek, wanted Hour with ForecastFrequency "D".',
        ),
        (
            lambda tree: tree["AutoPredictor"].update(MonitorConfig={"MonitorName": "shops watch"}),
            'AutoPredictor.MonitorConfig.MonitorName: found "shops watch", wanted 1 to 63 letters, digits and ',
        ),
        (
            lambda tree: tree["Datasets"][1]["Schema"]["Attributes"][3].update(AttributeType="string"),
            "Datasets[1].Schema.Attributes: found price as string, wanted a number, or a field of the target's schema ",
        ),
        (
            lambda tree: tree["AutoPredictor"].pop("ForecastDimensions"),
            "Datasets[1].Schema.Attributes: found location as string, "
            "wanted it among AutoPredictor.ForecastDimensions too, or left out.",
        ),
        (
            lambda tree: tree["Datasets"][1]["Schema"]["Attributes"].append(
                {"AttributeName": "demand", "AttributeType": "float"}
            ),
            "Datasets[1].Schema.Attributes: found demand, wanted it in the target's schema alone.",
        ),
        (
            lambda tree: tree["Datasets"][1].pop("DataFrequency"),
            "Datasets[1].DataFrequency: missing, and RELATED_TIME_SERIES needs it.",
        ),
        (
            lambda tree: tree["AutoPredictor"].update(ForecastFrequency="W", TimeAlignmentBoundary={}),
            'AutoPredictor.ForecastFrequency: found "W", wanted "D" as in Datasets[1].DataFrequency, since related '
            "time series are not aggregated.",
        ),
    ],
)
def test_a_mistake_in_an_auto_predictor_is_told_by_its_path(change: Change, sentence: str) -> None:
    assert complaint(AUTO, change).startswith(f"params.json, {sentence}")


def test_related_time_series_need_a_number() -> None:
    def keep_the_keys(tree: dict[str, Any]) -> None:
        del tree["Datasets"][1]["Schema"]["Attributes"][3:]
        del config(tree)["AttributeConfigs"][1]

    said = (
        "Datasets[1].Schema.Attributes: found item_id, timestamp, location, wanted a number (float or integer) besides."
    )
    assert complaint(AUTO, keep_the_keys) == f"params.json, {said}"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda tree: tree["Predictor"]["InputDataConfig"].update(
                SupplementaryFeatures=[{"Name": "weather", "Value": "true"}]
            ),
            'Predictor.InputDataConfig.SupplementaryFeatures[0].Name: found "weather", wanted "holiday": weather ',
        ),
        (
            lambda tree: tree["Predictor"]["InputDataConfig"].update(
                SupplementaryFeatures=[{"Name": "holiday", "Value": "Korea"}]
            ),
            'Predictor.InputDataConfig.SupplementaryFeatures[0].Value: found "Korea", wanted one of AE, AL, ',
        ),
        (
            lambda tree: tree["Predictor"]["FeaturizationConfig"]["Featurizations"][1]["FeaturizationPipeline"][0][
                "FeaturizationMethodParameters"
            ].update(futurefill="last"),
            "Predictor.FeaturizationConfig.Featurizations[1].FeaturizationPipeline[0].FeaturizationMethodParameters."
            'futurefill: found "last", wanted one of zero, value, median, mean, min, max.',
        ),
        (
            lambda tree: tree["Predictor"]["FeaturizationConfig"].pop("ForecastDimensions"),
            "Datasets[1].Schema.Attributes: found location as string, "
            "wanted it among Predictor.FeaturizationConfig.ForecastDimensions too, or left out.",
        ),
    ],
)
def test_a_mistake_in_a_legacy_predictor_is_told_by_its_path(change: Change, sentence: str) -> None:
    assert complaint(LEGACY, change).startswith(f"params.json, {sentence}")


def test_an_explanation_needs_something_to_explain_the_forecast_by() -> None:
    def leave_the_target_alone(tree: dict[str, Any]) -> None:
        del tree["Datasets"][1:]
        del tree["AutoPredictor"]["DataConfig"]

    assert complaint(AUTO, leave_the_target_alone) == (
        "params.json, AutoPredictor.ExplainPredictor: found true, wanted false, or related time series, item metadata "
        "or holidays to explain the forecast by."
    )


@pytest.mark.parametrize("remaining", [1, 2])
def test_metadata_or_holidays_alone_are_enough_to_explain_by(remaining: int) -> None:
    def keep(tree: dict[str, Any]) -> None:
        tree["Datasets"] = [tree["Datasets"][0], tree["Datasets"][2]][:remaining]
        del config(tree)["AttributeConfigs"]
        if remaining == 2:
            del tree["AutoPredictor"]["DataConfig"]

    assert read(AUTO, keep).AutoPredictor is not None


def test_the_same_frequency_in_other_words_fits() -> None:
    assert read(AUTO, lambda tree: tree["Datasets"][1].update(DataFrequency="1D")).AutoPredictor is not None


def test_periods_that_are_filled_do_occur() -> None:
    def periods(**fillings: str) -> Change:
        configs = [{"AttributeName": "demand", "Transformations": fillings}]
        return lambda tree: (
            config(tree).update(AttributeConfigs=configs),
            tree.update(Pipeline={"Periods": "observed"}),
        )

    assert read(AUTO, periods(middlefill="nan", backfill="nan")).Pipeline.Periods == "observed"
    assert complaint(AUTO, periods(middlefill="nan")) == (
        'params.json, Pipeline.Periods: found "observed", wanted "all", or "nan" as backfill of demand, which is'
        ' "zero": what is filled is there.'
    )


def test_a_monitor_that_would_be_deleted_at_once_is_refused() -> None:
    sentence = complaint(AUTO, lambda tree: tree.update(PerformDelete=True))
    assert sentence.startswith("params.json, PerformDelete: found true, wanted false where AutoPredictor has a Monitor")
