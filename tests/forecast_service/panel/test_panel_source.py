"""What a panel knows beside its target: numbers worked by hand, on imports of a real file each."""

import json
from typing import Any

import numpy as np
import pytest

from forecast_engine import SamplingSettings, TrainingSettings
from forecast_service.panel.panel_source import PanelSource
from forecast_service.panel.predictor_plan import PredictorPlan
from forecast_service.storage.bucket import Storage
from forecast_service.storage.imported_dataset import ImportedDataset
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service
from tests.forecast_service.panel.imported_group import ALL_FILLED, GAPS, ITEM, NAN, PRICES, Data, days, filled, rows


def test_a_related_series_that_is_complete_is_taken_as_it_is(data: Data) -> None:
    data.related(rows("hat", zip(days("2019-12-30", 16), range(100, 116), strict=True)))
    # 100 is that of 30 December: the first day of the target has 102, and what lies behind the horizon is left out.
    assert data.prices() == [float(price) for price in range(102, 114)]


def test_values_behind_the_target_make_an_attribute_forward_looking(data: Data) -> None:
    lines = [f"hat,{day},5,{'' if index >= 10 else index}\n" for index, day in enumerate(days("2020-01-01", 12))]
    data.related("".join(lines), *PRICES, "visitors:integer")
    source = data.source()
    assert {attribute.name: attribute.is_forward for attribute in source.plan.related} == {
        "price": True,
        "visitors": False,
    }
    _, panel = source.panel(0, 1)
    np.testing.assert_array_equal(panel.covariates.related["price"], np.full((1, 12), 5.0))
    np.testing.assert_array_equal(panel.covariates.related["visitors"], [[*range(10), NAN, NAN]])


def test_gaps_are_filled_by_what_lies_before_each_of_them(data: Data) -> None:
    data.related(rows("hat", GAPS))
    # The 3rd: the mean of 1 and 2; the 5th to 7th: of 1, 2 and 6. Behind the last value: the largest, then the median.
    expected = [1, 2, 1.5, 6, 3, 3, 3, 10, 10, 10, 4, 4]
    assert data.prices(**ALL_FILLED) == expected


def test_gaps_are_filled_with_a_value_or_zero(data: Data) -> None:
    data.related(rows("hat", GAPS))
    fillings = {"middlefill": "value", "middlefill_value": "-3", "backfill": "zero", "futurefill": "min"}
    assert data.prices(**fillings) == [1, 2, -3, 6, -3, -3, -3, 10, 0, 0, 1, 1]


def test_a_gap_within_the_horizon_is_one_of_the_future(data: Data) -> None:
    data.related(rows("hat", [*zip(days("2020-01-01", 10), range(10), strict=True), ("2020-01-12", 7)]))
    assert data.prices(futurefill="max")[10:] == [9, 7]


def test_statistics_are_those_of_the_64_latest_values(service: Service) -> None:
    data = Data(service)
    data.target(rows("hat", zip(days("2020-01-01", 102), range(102), strict=True)))
    data.related(rows("hat", zip(days("2020-01-01", 100), range(100), strict=True)))
    # 64 values before the gap: 36 to 99, whose mean is (36 + 99) / 2.
    assert data.prices(backfill="mean", futurefill="min")[100:] == [67.5, 67.5, 36, 36]


def test_what_was_before_the_target_began_fills_gaps_too(data: Data) -> None:
    dated = [("2019-12-29", 1), ("2019-12-30", 3), *zip(days("2020-01-02", 11), range(20, 31), strict=True)]
    data.related(rows("hat", dated))
    assert data.prices(middlefill="mean") == [2, *range(20, 31)]  # New Year's Day: the mean of 1 and 3
    data.related(rows("hat", dated[:2]))
    assert data.prices(backfill="max", futurefill="min") == [3] * 10 + [1] * 2


def test_rows_that_say_the_same_twice_are_one(data: Data) -> None:
    text = rows("hat", zip(days("2020-01-01", 12), range(12), strict=True))
    data.related(text + text)
    assert data.prices() == list(range(12))


def test_items_without_related_values_are_in_the_panel_and_unknown(data: Data) -> None:
    history = zip(days("2020-01-01", 10), range(10), strict=True)
    data.target(rows("cap", history) + rows("hat", [("2020-01-05", 1), ("2020-01-10", 1)]))
    # A hat begins on the 5th, and so may its prices; nobody asks for scarves.
    text = rows("hat", zip(days("2020-01-05", 8), range(8), strict=True)) + rows("scarf", [("2020-01-02", 1)])
    data.related(text)
    assert data.prices("hat") == pytest.approx([NAN] * 4 + list(range(8)), nan_ok=True)
    assert data.prices("cap") == pytest.approx([NAN] * 12, nan_ok=True)


def test_a_related_series_without_a_dimension_holds_for_all_of_it(service: Service) -> None:
    data = Data(service)
    places = [(store, channel) for store in ("north", "south") for channel in ("shop", "web")]
    text = "".join(f"hat,{day},1,{store},{channel}\n" for day in days("2020-01-01", 10) for store, channel in places)
    data.target(text, "store:string", "channel:string")
    prices = {"shop": 3, "web": 4}
    text = "".join(
        f"{day},{channel},hat,{price}\n" for day in days("2020-01-01", 12) for channel, price in prices.items()
    )
    data.related(text, "timestamp:timestamp", "channel:string", ITEM, "price:float")
    keys, panel = data.source(ForecastDimensions=["store", "channel"]).panel(0, 1)
    assert keys == [("hat", store, channel) for store, channel in places]
    np.testing.assert_array_equal(panel.covariates.related["price"], [[price] * 12 for price in (3, 4, 3, 4)])


def test_what_training_did_not_know_of_the_future_a_forecast_does_not_read(data: Data) -> None:
    data.related(rows("hat", zip(days("2020-01-01", 10), range(10), strict=True)))
    plan = data.plan()
    data.related(rows("hat", zip(days("2020-01-01", 12), range(12), strict=True)))
    _, panel = PanelSource.of(plan, data.inputs, data.storage_of).panel(0, 1)
    np.testing.assert_array_equal(panel.covariates.related["price"], [[*range(10), NAN, NAN]])


def test_weeks_that_begin_on_sunday_take_what_is_dated_within_them(service: Service) -> None:
    data = Data(service)
    data.target(rows("hat", zip(days("2020-01-05", 28), [1] * 28, strict=True)))  # 5 January is a Sunday
    mondays = [str(np.datetime64("2020-01-06") + 7 * week) for week in range(6)]
    text = rows("hat", zip(mondays, range(6), strict=True))
    data.add(text, *PRICES, dataset_type="RELATED_TIME_SERIES", frequency="W")
    source = data.source(ForecastFrequency="W", TimeAlignmentBoundary={"DayOfWeek": "SUNDAY"})
    _, panel = source.panel(0, 1)
    assert panel.target.tolist() == [[7.0] * 4]
    assert panel.covariates.related["price"].tolist() == [[0.0, 1, 2, 3, 4, 5]]


def test_holidays_are_a_calendar_of_the_panel(data: Data) -> None:
    countries = {"AdditionalDatasets": [{"Name": "holiday", "Configuration": {"CountryCode": ["DE"]}}]}
    _, panel = data.source(DataConfig=countries).panel(0, 1)
    assert list(panel.covariates.calendar) == ["Holiday_DE"]
    assert panel.covariates.calendar["Holiday_DE"].tolist() == [1] + [0] * 11  # New Year's Day


def legacy(name: str, **parameters: str) -> dict[str, Any]:
    return {
        "AlgorithmArn": f"arn:aws:forecast:::algorithm/{name}",
        "FeaturizationConfig": {"ForecastFrequency": "D"},
        "InputDataConfig": {"SupplementaryFeatures": [{"Name": "holiday", "Value": "KR"}]},
        "TrainingParameters": parameters,
    }


@pytest.mark.parametrize(
    ("request_", "related", "attributes", "country"),
    [
        ({}, ["price", "visitors"], ["fabric"], None),
        (legacy("ETS"), [], [], None),
        (legacy("Prophet"), ["price"], [], "KR"),
        (legacy("Deep_AR_Plus"), ["price"], ["fabric"], "KR"),
        (legacy("CNN-QR"), ["price", "visitors"], ["fabric"], "KR"),
        (legacy("CNN-QR", use_related_data="HISTORICAL", use_item_metadata="NONE"), ["visitors"], [], "KR"),
        (legacy("CNN-QR", use_related_data="NONE"), [], ["fabric"], "KR"),
    ],
)
def test_an_algorithm_reads_what_amazons_does(
    data: Data, request_: dict[str, Any], related: list[str], attributes: list[str], country: str | None
) -> None:
    lines = [f"hat,{day},5,{'' if index >= 10 else index}\n" for index, day in enumerate(days("2020-01-01", 12))]
    data.related("".join(lines), *PRICES, "visitors:integer")
    data.metadata("hat,wool\n", "fabric:string")
    plan = data.plan(**request_)
    assert [attribute.name for attribute in plan.related] == related
    assert [column.name for column in plan.attributes] == attributes
    assert plan.holiday_country == country


@pytest.mark.parametrize(
    ("parameters", "sampling"),
    [
        ({}, SamplingSettings()),
        ({"exp_kernel_weights": "0.01", "kernel_type": "exponential"}, SamplingSettings()),
        ({"exp_kernel_weights": "0.5", "context_length": "90"}, SamplingSettings(decay=0.5, context_length=90)),
        ({"exp_kernel_weights": "0.5", "kernel_type": "uniform"}, SamplingSettings(decay=0.0)),
        ({"use_seasonal_model": "false"}, SamplingSettings(is_seasonal=False)),
        ({"use_seasonal_model": "true", "use_default_time_features": "false"}, SamplingSettings(is_seasonal=False)),
    ],
)
def test_npts_draws_from_the_past_as_its_parameters_say(
    data: Data, parameters: dict[str, str], sampling: SamplingSettings
) -> None:
    settings = data.plan(**legacy("NPTS", **parameters)).settings
    assert settings.sampling == sampling
    assert TrainingSettings.from_document(json.loads(json.dumps(settings.to_document()))) == settings
    assert data.plan(**legacy("ETS")).settings.sampling is None


def test_a_plan_is_read_as_it_was_kept(data: Data) -> None:
    data.related(rows("hat", GAPS))
    data.metadata("hat,wool\n", "fabric:string")
    plan = data.plan(DataConfig=filled(price=ALL_FILLED))
    storage = Storage(SERVICE_BUCKET, "predictor/")
    plan.save(storage)
    assert PredictorPlan.load(storage) == plan
    assert plan.related[0].fillings == ALL_FILLED


def test_imports_say_when_each_number_was_last_known(data: Data) -> None:
    lines = ["hat,2020-01-01,5,1\n", "cap,2020-01-03,6,NaN\n", "hat,2020-01-02,,2\n", "hat,2020-01-09,,\n"]
    data.related("".join(lines), *PRICES, "visitors:integer")
    imported = ImportedDataset.of(data.storage_of(data.inputs["RELATED_TIME_SERIES"]))
    assert imported.last_values == {"price": "2020-01-03T00:00:00", "visitors": "2020-01-02T00:00:00"}
    assert (imported.item_count, imported.series_count) == (2, 2)
