"""Dashboard and report in Chromium: axe-core finds nothing against them, light and dark, wide and narrow."""

from pathlib import Path
from typing import Any

import pytest

from forecast_pipeline.publishing.outputs.report_page import report_page
from local_aws.dashboard.page import dashboard_page
from local_aws.dashboard.page_data import page_data
from tests.local_aws.dashboard.published_tables import Tables, dashboard
from tests.pages.browser import findings, needs_a_browser, opened

PHONE, DESK = 500, 1280  # 500 is as narrow as a window of headless Chromium gets


@pytest.fixture(scope="module")
def drawn_dashboard() -> str:
    tables = Tables()
    tables.publish(30, ["north", "south"], months=90)
    return dashboard_page(page_data(dashboard(), tables.ask, "shop-db"))


def report() -> str:
    """A report over one item, with all of its cards."""
    figures = {"wql": 0.08, "wape": 0.1, "rmse": 2.0, "mase": 0.9, "coverage": 0.8}
    lines = {"line": [3, 4], "low": [2, 3], "high": [4, 5]}
    item = {"name": "apples", "history": [1, 2, 3, None, 5], "forecast": lines, "backtests": [{"start": 3, **lines}]}
    data: dict[str, Any] = {
        "name": "fruit", "run": "9f3c1a2b7d", "made": "2026-01-05 02:00 UTC", "target": "units", "horizon": 2,
        "frequency": "D", "times": [f"2026-01-0{day} 00:00:00" for day in range(1, 8)], "historyLength": 5,
        "forecastStart": 5, "line": "p50", "bandShare": 0.8, "measuredBandShare": 0.8, "windowCount": 1,
        "accuracy": figures, "seasonalNaive": figures | {"wql": 0.12}, "itemCount": 1, "newItemCount": 0,
        "impact": [{"name": "price", "score": -1.0}, {"name": "promotion", "score": 0.4}],
        "models": [{"name": "theta", "share": 0.7}, {"name": "drift", "share": 0.3}], "notedCount": 1,
        "partialPeriod": "The last week holds 2 of 7 days.", "rows": ["train/: 5 rows read = 5 used + 0 left out."],
        "aggregation": "", "partialFirstPeriod": "", "itemChanges": "", "notCompared": [],
        "cameTrueWords": ["The 2 days from 2026-01-04 on came out 3.0 % above the forecast of 2026-01-03 (run 8c01)."],
        "drift": "It drifts: the 80 % band held 50 % of the values.",
        "cameTrue": [{"run": "8c01", "made": "2026-01-03", "span": "2 days from 2026-01-04 on", "inside": 0.5,
                      "wql": 0.1, "against": "3.0 % above the forecast", "naiveWql": None, "promisedWql": 0.05}],
        "items": [item | {"wape": 0.1, "naiveWape": 0.2, "models": [["theta", 70], ["drift", 30]], "note": "short"}],
    }  # fmt: skip
    return report_page(data)


@needs_a_browser
@pytest.mark.parametrize(("width", "dark"), [(DESK, False), (DESK, True), (PHONE, False)])
def test_axe_finds_nothing_against_the_dashboard(
    drawn_dashboard: str, tmp_path: Path, width: int, *, dark: bool
) -> None:
    assert findings(drawn_dashboard, tmp_path, width=width, dark=dark) == []


@needs_a_browser
def test_the_dashboard_draws_itself_under_its_own_policy(drawn_dashboard: str, tmp_path: Path) -> None:
    seen = opened(drawn_dashboard, tmp_path, width=DESK)
    assert '<h2 id="item-name">All items</h2>' in seen
    assert seen.count("<svg") == 2  # the fan chart, and accuracy over runs


@needs_a_browser
def test_a_dimension_an_item_and_the_whole_history_can_be_chosen_by_the_keyboard(
    drawn_dashboard: str, tmp_path: Path
) -> None:
    chosen = """
    const say = (wanted, found) => { if (wanted !== found) throw new Error(`wanted ${wanted}, found ${found}`); };
    const at = (id) => document.getElementById(id);
    const press = (id, key) => at(id).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const text = (id) => at(id).textContent;
    say("All items", text("item-name"));
    press("list", "ArrowDown");
    say("item 29", text("item-name"));
    const select = at("dimension");
    select.value = "2";
    select.dispatchEvent(new Event("change"));
    say("item 29 · south", text("item-name"));
    say(1, document.querySelectorAll(".rows tbody tr").length);
    press("chart", "ArrowRight");
    say(false, at("tip").hidden);
    say("Forecast 60.0  (30.0 to 120.0)", document.querySelector("#tip div").textContent);
    document.querySelector("#legend input").click();
    at("search").value = "item 7";
    at("search").dispatchEvent(new Event("input"));
    say(3, document.querySelectorAll(".option:not([hidden])").length); // and item 17, item 27
    """
    assert findings(drawn_dashboard, tmp_path, width=DESK, dark=False, first=chosen) == []


@needs_a_browser
@pytest.mark.parametrize(("width", "dark"), [(DESK, False), (DESK, True), (PHONE, False)])
def test_axe_finds_nothing_against_the_report(tmp_path: Path, width: int, *, dark: bool) -> None:
    drawn = """
    const last = document.getElementById("facts").lastElementChild; // the script got to its end
    if (last === null || document.getElementById("came-true-card").hidden) throw new Error("a card is missing");
    """
    assert findings(report(), tmp_path, width=width, dark=dark, first=drawn) == []
