"""Dashboard and report in Chromium: what a reader does with them, and that axe-core finds nothing against them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from forecast_pipeline.publishing.outputs.report_page import report_page
from forecast_pipeline.publishing.report.blocks import ItemLines, index_of, lines_of, packed
from local_aws.dashboard.page import dashboard_page
from local_aws.dashboard.page_data import page_data
from tests.local_aws.dashboard.published_tables import Tables, dashboard
from tests.pages.browser import Browser, needs_a_browser

pytestmark = needs_a_browser
PHONE, DESK, WIDE = 390, 1280, 1920
LOOKS = [(DESK, False, "en-US"), (DESK, True, "en-US"), (PHONE, False, "en-US"), (PHONE, True, "ko-KR")]
PAST, STEPS, ITEMS = 60, 4, 3000
NAMES = ["apples", "pears", *(f"item {number}" for number in range(ITEMS - 2))]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser.running(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="module")
def drawn_dashboard() -> str:
    tables = Tables()
    tables.publish(30, ["north", "south"], months=90)
    return dashboard_page(page_data(dashboard(), tables.ask, "shop-db"))


def items() -> dict[str, Any]:
    """The largest item with everything, and 2,999 others with their forecasts."""
    lines = {"line": [3, 4, 5, 6], "low": [2, 3, 4, 5], "high": [4, 5, 6, 7]}
    apples = {
        "history": [*range(1, PAST - 1), None, 5], "forecast": lines, "backtests": [{"start": PAST - 4, **lines}],
        "earlier": {"run": "8c01", "start": PAST - 2, "line": [4, 5], "low": [3, 4], "high": [5, 6]},
        "models": [["theta", 70], ["drift", 30]], "note": "short",
    }  # fmt: skip
    size = 1.0 + np.arange(ITEMS)[::-1]
    blocks = [
        lines_of(ItemLines(*(np.outer(size[first : first + 256], np.ones(width)) for width in (12, 4, 4, 4))), [], 255)
        for first in range(0, ITEMS, 256)
    ]
    wape = np.linspace(0.1, 0.9, ITEMS)
    wape[-1] = np.nan
    index = index_of(NAMES, size, [wape, np.full(ITEMS, 0.2), wape[::-1] * 3, np.full(ITEMS, np.nan)])
    total = [*range(PAST)]
    return {
        "times": packed([f"{day} 00:00:00" for day in np.arange("2025-11-01", "2026-01-04", dtype="datetime64[D]")]),
        "historyLength": PAST, "forecastStart": PAST, "recent": 30, "shortHistory": 12, "levels": 255,
        "detailedCount": 1, "blocks": {"lines": 256, "details": 64},
        "parts": [{"count": ITEMS, "index": index, "lines": blocks, "details": [packed([apples])]}],
        "total": {"summed": "p50", "history": total, "forecast": lines, "backtests": []},
    }  # fmt: skip


@pytest.fixture(scope="module")
def report() -> str:
    """A report with all of its cards."""
    figures = {"wql": 0.08, "wape": 0.1, "rmse": 2.0, "mase": 0.9, "coverage": 0.8}
    came = {
        "run": "8c01", "made": "2025-12-28", "first": "2025-12-29T00:00:00", "periods": 2, "frequency": "D",
        "points": 6, "actual": 103, "forecast": 100, "inside": 0.5, "bandShare": 0.8, "wql": 0.1, "naiveWql": None,
        "promisedWql": 0.05, "wape": 0.1, "naiveWape": 0.2,
    }  # fmt: skip
    part = {"start": "2025-12-29T00:00:00", "period": "W", "held": 2, "steps": 7, "step": "D", "isLeftOut": False}
    rows = {"place": "train/", "read": 5, "used": 4, "leftOut": {"fields": 1}, "first": {"fields": "a"}, "unknown": 1}
    return report_page({
        "name": "fruit", "run": "9f3c1a2b7d", "made": "2026-01-05T02:00Z", "target": "units", "horizon": STEPS,
        "frequency": "D", "line": "p50", "bandShare": 0.8, "measuredBandShare": 0.8, "windowCount": 1,
        "accuracy": figures, "seasonalNaive": figures | {"wql": 0.12}, "itemCount": ITEMS, "newItemCount": 1,
        "impact": [{"name": "price", "score": -1.0}, {"name": "promotion", "score": 0.4}],
        "models": [{"name": "theta", "share": 0.7}, {"name": "drift", "share": 0.3}], "notedCount": 1,
        "partialPeriod": part, "partialFirstPeriod": None, "rows": [rows], "aggregated": {"count": 1, "by": "sum"},
        "itemChanges": {"since": "8c01", "new": 1, "newNames": ["x"], "vanished": 0, "vanishedNames": []},
        "drift": ["the 80 % band held 50 % of the values"], "notCompared": ["Run 7a01 forecast weeks."],
        "cameTrue": [came], "holidays": [[54, "Christmas Day", "성탄절"]],
        "monitors": [{"monitor": "m", "evaluated": "2026-01-02T00:00:00", "first": "2026-01-01T00:00:00",
                      "last": "2026-01-02T00:00:00", "wql": 0.1, "wape": None, "baselineWql": 0.08}],
    } | items())  # fmt: skip


def text(browser: Browser, place: str) -> str:
    return str(browser.run(f"at('{place}').textContent"))


def listed(browser: Browser) -> list[str]:
    """The names in sight, in their order."""
    names = browser.run(
        "[...document.querySelectorAll('[role=option]')].sort((a, b) => a.ariaPosInSet - b.ariaPosInSet)"
        ".map((each) => each.firstChild.textContent)"
    )
    return [str(name) for name in names]


def set_to(browser: Browser, place: str, value: str, event: str) -> None:
    browser.run(f"at('{place}').value = '{value}'; at('{place}').dispatchEvent(new Event('{event}'))")


def click(browser: Browser, *places: str) -> None:
    browser.run("".join(f"at('{place}').click();" for place in places))


def wait_for_item(browser: Browser, name: str) -> None:
    browser.wait_for(f"at('item-name').textContent === '{name}'")


@pytest.mark.parametrize(("width", "dark", "language"), LOOKS)
def test_axe_finds_nothing_against_report_and_dashboard(
    browser: Browser, report: str, drawn_dashboard: str, width: int, *, dark: bool, language: str
) -> None:
    for page in (report, drawn_dashboard):
        browser.open(page, width=width, dark=dark, language=language)
        assert browser.run("document.querySelectorAll('main > .card[hidden]').length") == 0
        assert browser.findings() == []


def test_items_are_searched_and_sorted(browser: Browser, report: str) -> None:
    browser.open(report, width=DESK)
    assert (text(browser, "item-name"), text(browser, "listed")) == ("apples", "3,000 items")
    assert listed(browser)[:3] == ["All items together", "apples", "pears"]
    assert len(listed(browser)) < 40  # only those in sight are in the page
    set_to(browser, "search", "item 299", "input")
    found = [f"item {number}" for number in (299, 1299, 2299, *range(2990, 2998))]
    assert (text(browser, "listed"), listed(browser)) == ("11 of 3,000 items", found)
    set_to(browser, "search", "", "input")
    for sort, first in {
        "worst": "item 2996",
        "over_naive": "item 2996",
        "surprising": "pears",
        "name": "apples",
    }.items():
        set_to(browser, "sort", sort, "change")
        assert listed(browser)[1] == first
    assert "missed" not in str(browser.run("at('sort').innerHTML"))  # no earlier forecast of any item


def test_the_list_is_walked_by_keys_and_each_item_has_its_address(browser: Browser, report: str) -> None:
    browser.open(report, width=DESK)
    browser.run("at('list').focus()")
    for key, name in {"ArrowDown": "pears", "End": "item 2997", "Home": "All items together", "p": "pears"}.items():
        browser.press(key)
        wait_for_item(browser, name)
        assert browser.run("at(at('list').getAttribute('aria-activedescendant')).ariaSelected") == "true"
    assert "last 12 days" in text(browser, "item-note")  # not among the largest
    assert browser.run("location.hash") == "#item=pears"
    click(browser, "item-0")
    click(browser, "item-1")
    wait_for_item(browser, "apples")
    browser.run("history.back()")
    wait_for_item(browser, "All items together")
    browser.run("location.hash = '#item=item%202997'; delete document.body.dataset.drawn; location.reload()")
    browser.wait_until_drawn()
    wait_for_item(browser, "item 2997")


def test_the_chart_is_zoomed_read_and_taken_along(browser: Browser, report: str) -> None:
    browser.open(report, width=DESK)
    browser.run("at('chart').focus()")
    browser.press("ArrowRight")
    assert text(browser, "reading") == "Dec 31, 2025, Forecast 3.00 (2.00 to 4.00)"
    browser.press("ArrowLeft")
    read = text(browser, "reading")
    assert "Actual 5.00" in read
    assert "Last forecast 5.00 (4.00 to 6.00)" in read
    assert "Test 6.00 (5.00 to 7.00)" in read
    points = "document.querySelector('#chart .history').getAttribute('d').split('L').length"
    recent = browser.run(points)
    click(browser, "zoom-whole")
    assert browser.run(points) > recent + 25
    browser.run("at('chart').focus()")
    browser.press("+")
    assert browser.run(points) < recent + 5
    left, top, width = browser.run(
        "{ const { left, top, width } = at('chart').getBoundingClientRect(); [left, top, width] }"
    )
    for kind, share in {"mousePressed": 0.5, "mouseMoved": 0.7, "mouseReleased": 0.7}.items():
        place = {"x": left + width * share, "y": top + 99}
        browser.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)
    assert browser.run(points) < 15


def test_what_is_shown_is_taken_along(browser: Browser, report: str) -> None:
    browser.open(report, width=DESK)
    browser.run("URL.createObjectURL = (blob) => { window.taken = blob; return '#item=apples'; }; 0")
    click(browser, "take-csv")
    rows = str(browser.run("window.taken.text()")).splitlines()
    assert rows[0].startswith('period,actual,forecast,"forecast, low","forecast, high",last forecast')
    assert rows[-1].startswith("2026-01-03,,6,5,7")
    click(browser, "take-svg")
    drawn = str(browser.run("window.taken.text()"))
    assert "<title>apples</title>" in drawn
    assert 'stroke="rgb(11, 107, 203)"' in drawn


def test_the_page_speaks_korean_and_keeps_what_was_chosen(browser: Browser, report: str) -> None:
    browser.open(report, width=DESK, language="ko-KR")
    assert text(browser, "title") == "fruit: 앞으로 4일"
    assert text(browser, "partial-period").startswith("2025. 12. 29.에 시작하는 마지막 기간")
    assert browser.run("document.documentElement.lang") == "ko"
    click(browser, "language")
    browser.open(report, width=DESK, language="ko-KR")
    assert text(browser, "title") == "fruit: the next 4 days"
    browser.run("localStorage.clear()")


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_the_whole_chart_is_on_paper_light_and_as_wide_as_it(browser: Browser, report: str, width: int) -> None:
    browser.open(report, width=width, dark=True)
    size = "document.querySelector('#chart > svg').getAttribute('viewBox')"
    browser.run(f"window.addEventListener('beforeprint', () => {{ window.drawn = {size}; }})")
    assert browser.paper().startswith(b"%PDF")
    assert browser.run("window.drawn") == "0 0 680 300"
    assert browser.run(size) != "0 0 680 300"  # the window's again


def test_a_dimension_and_an_item_of_the_dashboard_are_chosen(browser: Browser, drawn_dashboard: str) -> None:
    browser.open(drawn_dashboard, width=DESK)
    assert text(browser, "item-name") == "All items together"
    assert browser.run("document.querySelectorAll('.chart > svg, .small-chart > svg').length") == 2
    browser.run("at('list').focus()")
    browser.press("ArrowDown")
    assert text(browser, "item-name") == "item 29"
    set_to(browser, "dimension", "2", "change")
    assert text(browser, "item-name") == "item 29 · south"
    assert browser.run("document.querySelectorAll('.rows tbody tr').length") == 1
    browser.run("at('chart').focus()")
    browser.press("ArrowRight")
    assert text(browser, "reading").endswith("Forecast 60.0 (30.0 to 120.0)")
    set_to(browser, "search", "item 7", "input")
    assert listed(browser) == ["item 7", "item 17", "item 27"][::-1]
    assert browser.errors == []
