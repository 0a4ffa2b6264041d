"""Frequencies of the API, against the engine's, which has them for arrays."""

from datetime import datetime

import numpy as np
import pytest

from forecast_engine import Frequency as EngineFrequency
from forecast_engine import Grid
from forecast_service.records.errors import InvalidInputException
from forecast_service.resources.request_rules import frequency

GOOD = ["Y", "M", "W", "D", "H", "1min", "5min", "10min", "15min", "30min", "59min", "23H", "6D", "4W", "11M", "1Y"]
BAD = ["60min", "24H", "7D", "5W", "12M", "2Y", "0D", "min", "d", "D1", "", "01D", "1.5H", "S"]


@pytest.mark.parametrize("text", GOOD)
def test_known_frequencies_are_read_as_the_engine_reads_them(text: str) -> None:
    found, engine = frequency.parse(text, "DataFrequency"), EngineFrequency.parse(text)
    assert (found.count, found.unit) == (engine.count, engine.unit)


@pytest.mark.parametrize("text", BAD)
def test_unknown_frequencies_are_refused_by_member(text: str) -> None:
    with pytest.raises(InvalidInputException, match=f"^DataFrequency is '{text}', which is no frequency: use 1-59min"):
        frequency.parse(text, "DataFrequency")


def test_coarser_frequencies_last_longer() -> None:
    order = ["1min", "30min", "59min", "H", "23H", "D", "6D", "W", "4W", "M", "11M", "Y"]
    seconds = [frequency.parse(text, "x").seconds for text in order]
    assert seconds == sorted(seconds)
    assert len(set(seconds)) == len(seconds)


@pytest.mark.parametrize("text", ["30min", "H", "5H", "D", "3D", "W", "2W", "M", "3M", "Y"])
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2024-01-01T00:00:00", "2024-01-01T00:00:00"),
        ("2024-01-31T23:30:00", "2024-02-01T00:00:00"),
        ("2023-12-31T22:59:59", "2024-03-01T13:00:00"),
        ("2020-02-29T01:00:00", "2024-02-28T01:00:00"),
    ],
)
def test_periods_are_counted_as_the_engine_counts_them(text: str, first: str, last: str) -> None:
    grid = Grid.covering(EngineFrequency.parse(text), np.datetime64(first, "s"), np.datetime64(last, "s"))
    found = frequency.parse(text, "x").periods_between(datetime.fromisoformat(first), datetime.fromisoformat(last))
    assert found == grid.length
