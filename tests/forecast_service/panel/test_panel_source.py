"""What a panel knows beside its target: numbers worked by hand, on imports of a real file each."""

import itertools
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from forecast_service.caller_files.input_refused import InputRefused
from forecast_service.jobs.dataset_import_job import read_files
from forecast_service.panel.panel_source import PanelSource
from forecast_service.panel.predictor_plan import PredictorPlan
from forecast_service.storage.bucket import Storage, resource_prefix
from forecast_service.storage.imported_dataset import ImportedDataset
from tests.forecast_service.jobs.service import SERVICE_BUCKET, Service

ITEM = "item_id:string"
TARGET = (ITEM, "timestamp:timestamp", "target_value:float")
PRICES = (ITEM, "timestamp:timestamp", "price:float")
NAN = float("nan")


def days(first: str, count: int) -> list[str]:
    return [str(np.datetime64(first) + day) for day in range(count)]


def rows(item: str, dated: Iterable[tuple[str, Any]]) -> str:
    return "".join(f"{item},{date},{value}\n" for date, value in dated)


class Data:
    """Imports of one dataset group, and panels made of them. The horizon is two periods."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._numbers = itertools.count()
        self.inputs: dict[str, str] = {}

    def add(self, text: str, *attributes: str, dataset_type: str = "TARGET_TIME_SERIES", frequency: str = "D") -> None:
        """Import a file; it is the newest of its type from now on."""
        name = f"{dataset_type.lower()}_{next(self._numbers)}"
        timeless = dataset_type == "ITEM_METADATA"
        dataset = self._service.dataset(
            *attributes, name=name, dataset_type=dataset_type, frequency=None if timeless else frequency
        )
        record = self._service.import_data(dataset, self._service.put(f"{name}.csv", text))
        assert record.status == "ACTIVE", record.message
        self.inputs[dataset_type] = record.arn

    def target(self, text: str, *dimensions: str) -> None:
        self.add(text, *TARGET, *dimensions)

    def related(self, text: str, *attributes: str) -> None:
        self.add(text, *(attributes or PRICES), dataset_type="RELATED_TIME_SERIES")

    def metadata(self, text: str, *attributes: str) -> None:
        self.add(text, ITEM, *attributes, dataset_type="ITEM_METADATA")

    def storage_of(self, arn: str) -> Storage:
        return Storage(SERVICE_BUCKET, resource_prefix(self._service.records.get(arn)))

    def plan(self, **request: Any) -> PredictorPlan:
        """The plan of an auto predictor, as its job makes it."""
        request = {"ForecastHorizon": 2, "ForecastFrequency": "D"} | request
        imported = {kind: ImportedDataset.of(self.storage_of(arn)) for kind, arn in self.inputs.items()}
        related, metadata = imported.get("RELATED_TIME_SERIES"), imported.get("ITEM_METADATA")
        return PredictorPlan.of_request(request, imported["TARGET_TIME_SERIES"], related, metadata)

    def source(self, **request: Any) -> PanelSource:
        return PanelSource.of(self.plan(**request), self.inputs, self.storage_of)

    def prices(self, item: str = "hat", **fillings: str) -> list[float]:
        """The prices of an item that the panel of the only shard holds."""
        keys, panel = self.source(DataConfig=filled(price=fillings)).panel(0, 1)
        return [float(price) for price in panel.covariates.related["price"][keys.index((item,))]]


def filled(**fillings: dict[str, str]) -> dict[str, Any]:
    """DataConfig with fillings by attribute."""
    return {"AttributeConfigs": [{"AttributeName": name, "Transformations": fills} for name, fills in fillings.items()]}


@pytest.fixture
def data(service: Service) -> Data:
    """A hat sold on each of the first ten days of 2020: the forecast is of the 11th and the 12th."""
    data = Data(service)
    data.target(rows("hat", zip(days("2020-01-01", 10), range(10), strict=True)))
    return data


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


GAPS = [("2020-01-01", 1), ("2020-01-02", 2), ("2020-01-04", 6), ("2020-01-08", 10)]
ALL_FILLED = {"middlefill": "mean", "backfill": "max", "futurefill": "median"}


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


@pytest.mark.parametrize(
    ("dated", "fillings", "sentence"),
    [
        (
            GAPS,
            {},
            "The related time series of 'hat': found no price at 2020-01-03T00:00:00, "
            "wanted a value, or a middlefill for price.",
        ),
        (
            GAPS,
            {"middlefill": "zero"},
            "found price up to 2020-01-08T00:00:00, wanted it up to 2020-01-10T00:00:00, "
            "the end of the target time series, or a backfill for price.",
        ),
        (
            [*GAPS, ("2020-01-11", 1)],
            {"middlefill": "zero"},
            "found price up to 2020-01-11T00:00:00, wanted it up to 2020-01-12T00:00:00, "
            "the end of the forecast, or a futurefill for price.",
        ),
        (
            GAPS,
            {"middlefill": "zero", "futurefill": "zero"},
            "found price up to 2020-01-08T00:00:00, wanted it up to 2020-01-12T00:00:00, "
            "the end of the forecast, or a backfill for price.",
        ),
        (
            [*zip(days("2020-01-01", 10), range(10), strict=True), ("2020-01-12", 7)],
            {},
            "found no price at 2020-01-11T00:00:00, wanted a value, or a futurefill for price.",
        ),
        (
            list(zip(days("2020-01-03", 10), range(10), strict=True)),
            ALL_FILLED,
            "The related time series of 'hat': found price from 2020-01-03T00:00:00 on, "
            "wanted it from 2020-01-01T00:00:00 on, where the target time series begins.",
        ),
        (
            [("2019-12-29", 1), ("2019-12-30", 3)],
            {},
            "found price up to 2019-12-30T00:00:00, wanted it up to 2020-01-10T00:00:00",
        ),
        (
            [("2002-01-01", 1), ("2002-01-12", 3)],
            {},
            "The related time series of 'hat': found price up to 2002-01-12T00:00:00, "
            "wanted it from 2020-01-01T00:00:00 on, where the target time series begins.",
        ),
        (
            [*GAPS, ("2020-01-04", 7)],
            ALL_FILLED,
            "found several values of price in the period 2020-01-04T00:00:00, "
            "wanted one: related time series are never aggregated.",
        ),
    ],
)
def test_what_breaks_a_rule_is_told_with_item_time_and_attribute(
    data: Data, dated: list[tuple[str, Any]], fillings: dict[str, str], sentence: str
) -> None:
    data.related(rows("hat", dated))
    with pytest.raises(InputRefused, match=re.escape(sentence)):
        data.prices(**fillings)


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


def test_a_refusal_names_the_dimensions(service: Service) -> None:
    data = Data(service)
    data.target("".join(f"hat,{day},1,north\n" for day in days("2020-01-01", 10)), "store:string")
    data.related(
        "".join(f"hat,{day},1,north\n" for day in ("2020-01-01", "2020-01-09", "2020-01-12")), *PRICES, "store:string"
    )
    source = data.source(ForecastDimensions=["store"])
    with pytest.raises(InputRefused, match="The related time series of 'hat', 'north': found no price at 2020-01-02"):
        source.panel(0, 1)


def test_a_new_forecast_needs_the_values_of_its_own_horizon(data: Data) -> None:
    data.related(rows("hat", zip(days("2020-01-01", 12), range(12), strict=True)))
    plan = data.plan()
    data.target(rows("hat", zip(days("2020-01-01", 12), range(12), strict=True)))
    source = PanelSource.of(plan, data.inputs, data.storage_of)
    wanted = "found price up to 2020-01-12T00:00:00, wanted it up to 2020-01-14T00:00:00, the end of the forecast"
    with pytest.raises(InputRefused, match=wanted):
        source.panel(0, 1)
    data.related(rows("hat", zip(days("2020-01-01", 14), range(14), strict=True)))
    _, panel = PanelSource.of(plan, data.inputs, data.storage_of).panel(0, 1)
    np.testing.assert_array_equal(panel.covariates.related["price"], [range(14)])


def test_what_training_did_not_know_of_the_future_a_forecast_does_not_read(data: Data) -> None:
    data.related(rows("hat", zip(days("2020-01-01", 10), range(10), strict=True)))
    plan = data.plan()
    data.related(rows("hat", zip(days("2020-01-01", 12), range(12), strict=True)))
    _, panel = PanelSource.of(plan, data.inputs, data.storage_of).panel(0, 1)
    np.testing.assert_array_equal(panel.covariates.related["price"], [[*range(10), NAN, NAN]])


def test_data_that_lack_what_was_trained_with_are_refused(data: Data) -> None:
    data.related(rows("hat", zip(days("2020-01-01", 12), range(12), strict=True)))
    data.metadata("hat,wool,7\n", "fabric:string", "weight:float")
    plan = data.plan()
    whole = dict(data.inputs)

    def refused(sentence: str) -> None:
        with pytest.raises(InputRefused, match=re.escape(sentence)):
            PanelSource.of(plan, data.inputs, data.storage_of)

    del data.inputs["RELATED_TIME_SERIES"]
    refused("The predictor was trained with a RELATED_TIME_SERIES dataset; wanted one that holds data")
    data.inputs |= whole
    data.metadata("hat,wool,heavy\n", "fabric:string", "weight:string")
    refused("with item metadata that hold weight (a number); found fabric (text), weight (text).")
    data.inputs |= whole
    data.related(rows("hat", [("2020-01-01", 1)]), ITEM, "timestamp:timestamp", "discount:float")
    refused("with related time series that hold price; found discount.")
    data.related("hat,2020-01-01,1,north\n", *PRICES, "store:string")
    refused("The related time series have the dimension store, wanted only dimensions of the forecast: it has none.")
    data.add("hat,2020-01-01,1\n", *PRICES, dataset_type="RELATED_TIME_SERIES", frequency="W")
    refused("The related time series are of frequency W, wanted that of the forecast: D.")


def test_metadata_are_text_or_numbers_and_may_be_unknown(data: Data) -> None:
    history = list(zip(days("2020-01-01", 10), range(10), strict=True))
    data.target("".join(rows(item, history) for item in ("cap", "hat", "scarf")))
    data.metadata("hat,wool,7\ncap,,\nhat,wool,7\n", "fabric:string", "weight:float")
    keys, panel = data.source().panel(0, 1)
    assert keys == [("cap",), ("hat",), ("scarf",)]
    assert panel.covariates.attributes["fabric"].tolist() == ["", "wool", ""]
    assert panel.covariates.attributes["weight"].tolist() == pytest.approx([NAN, 7, NAN], nan_ok=True)


def test_metadata_that_contradict_themselves_are_refused(data: Data) -> None:
    data.metadata("hat,wool\nhat,felt\n", "fabric:string")
    with pytest.raises(InputRefused, match="metadata of 'hat': found fabric 'felt' and 'wool', wanted one row"):
        data.source().panel(0, 1)


def test_items_that_only_the_metadata_name_are_new_and_without_history(data: Data) -> None:
    data.metadata("cap,felt\nhat,wool\n", "fabric:string")
    data.related(rows("cap", zip(days("2020-01-11", 2), (8, 9), strict=True)))
    source = data.source()
    keys, panel = source.panel(0, 1)
    assert keys == [("hat",), ("cap",)]
    assert panel.item_ids == ["hat", "cap"]
    assert np.isnan(panel.target[1]).all()
    assert not panel.observed[1].any()
    assert panel.covariates.attributes["fabric"].tolist() == ["wool", "felt"]
    assert panel.covariates.related["price"][1].tolist() == pytest.approx([NAN] * 10 + [8, 9], nan_ok=True)
    assert source.panel(0, 1, with_new_items=False)[0] == [("hat",)]
    assert source.panel(0, 1, {("cap",)})[0] == [("cap",)]


def test_new_items_have_no_place_among_dimensions(service: Service) -> None:
    data = Data(service)
    data.target("".join(f"hat,{day},1,north\n" for day in days("2020-01-01", 10)), "store:string")
    data.metadata("cap,felt\nhat,wool\n", "fabric:string")
    keys, panel = data.source(ForecastDimensions=["store"]).panel(0, 1)
    assert keys == [("hat", "north")]
    assert panel.covariates.attributes["fabric"].tolist() == ["wool"]


def test_many_new_items_make_finer_shards(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    data.metadata("".join(f"new_{number},felt\n" for number in range(60)), "fabric:string")
    source = data.source()
    assert (source.shard_count, source.shards) == (1, [0])
    monkeypatch.setattr("forecast_service.storage.shards.CELLS_PER_SHARD", 100)  # 60 items of ten days are 600 cells
    assert source.shard_count == 8
    panels = [source.panel(shard, 8) for shard in source.shards]
    found = [key for keys, _ in panels for key in keys]
    assert sorted(found) == sorted([("hat",), *((f"new_{number}",) for number in range(60))])
    assert all(len(keys) == len(panel.target) for keys, panel in panels)


def test_tables_of_different_shards_meet(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [f"item_{number}" for number in range(12)]
    counts = {"TARGET_TIME_SERIES": 4, "RELATED_TIME_SERIES": 2, "ITEM_METADATA": 8}
    data = Data(service)
    for kind, count in counts.items():
        monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes, count=count: count)
        if kind == "ITEM_METADATA":
            data.metadata("".join(f"{item},{item}\n" for item in items), "own_name:string")
        else:
            length = 10 if kind == "TARGET_TIME_SERIES" else 12
            text = "".join(
                rows(item, [(day, at) for day in days("2020-01-01", length)]) for at, item in enumerate(items)
            )
            data.add(text, *(TARGET if length == 10 else PRICES), dataset_type=kind)
    source = data.source()
    assert source.shard_count == 4
    seen = []
    for shard in source.shards:
        keys, panel = source.panel(shard, source.shard_count)
        for position, (item,) in enumerate(keys):
            number = items.index(item)
            assert panel.covariates.related["price"][position].tolist() == [number] * 12
            assert panel.covariates.attributes["own_name"][position] == item
            seen.append(item)
    assert sorted(seen) == sorted(items)


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
