"""What related time series and item metadata are refused, and the sentence that says so."""

import re
from typing import Any

import numpy as np
import pytest

from forecast_files.input_refused import InputRefused
from forecast_service.panel.panel_source import PanelSource
from tests.forecast_service.jobs.service import Service
from tests.forecast_service.panel.imported_group import ALL_FILLED, GAPS, ITEM, PRICES, Data, days, rows


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


def test_metadata_that_contradict_themselves_are_refused(data: Data) -> None:
    data.metadata("hat,wool\nhat,felt\n", "fabric:string")
    with pytest.raises(InputRefused, match="metadata of 'hat': found fabric 'felt' and 'wool', wanted one row"):
        data.source().panel(0, 1)
