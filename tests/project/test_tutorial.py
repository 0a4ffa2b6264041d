"""docs/tutorial.md shows the figures of its three forecasts, which the Python door makes as the command does."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import almanac

PROJECT = Path(__file__).parent.parent.parent
SHOP = PROJECT / "samples" / "fruit_shop"
PAGES = [PROJECT / "docs" / name for name in ("tutorial.md", "tutorial.ko.md")]
SALES, PRICES, ITEMS = (pd.read_csv(SHOP / name) for name in ("sales.csv", "prices.csv", "items.csv"))
FORECASTS: dict[str, dict[str, Any]] = {
    "history_alone": {},
    "with_prices": {"related": PRICES},
    "all": {"related": PRICES, "metadata": ITEMS, "holidays": "KR"},
}
SEOLLAL = "2025-01-27"


@pytest.fixture(scope="module")
def forecasts() -> dict[str, almanac.Forecast[Any]]:
    return {name: almanac.forecast(SALES, **known) for name, known in FORECASTS.items()}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_losses_of_the_tutorial_are_those_of_its_forecasts(page: Path, forecasts: dict[str, Any]) -> None:
    shown = re.findall(r"^average wQL +([\d.]+) +([\d.]+)$", page.read_text(), re.MULTILINE)
    made = [each.accuracy for each in forecasts.values()]
    assert shown == [(f"{each.forecast.wql:.5f}", f"{each.seasonal_naive.wql:.4f}") for each in made]
    assert re.findall(r"--out (\w+)$", page.read_text(), re.MULTILINE) == list(FORECASTS)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_the_apples_of_seollal_are_those_of_its_forecasts(page: Path, forecasts: dict[str, Any]) -> None:
    shown = re.findall(r"^\| .+ \| (\d+) \| (\d+) \| (\d+) \|$", page.read_text(), re.MULTILINE)
    frames = [each.frame[each.frame.item_id == "apples"].set_index("timestamp") for each in forecasts.values()]
    made = [frame.loc[SEOLLAL, ["p10", "p50", "p90"]] for frame in frames]
    assert shown == [tuple(f"{value:.0f}" for value in row) for row in made]


def test_an_item_that_was_never_sold_has_a_forecast_of_its_own(forecasts: dict[str, Any]) -> None:
    items = {name: set(each.frame.item_id) for name, each in forecasts.items()}
    assert "cherries" in items["all"]
    assert "cherries" not in items["with_prices"]
