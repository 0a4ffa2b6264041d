"""What the page holds: the answers, a line for each choice of the filters, and no more than a page can carry."""

import json
import re

import pytest

from forecast_pipeline.publishing.outputs.report_page import data_of
from local_aws.dashboard import fan_lines
from local_aws.dashboard.page import dashboard_page
from local_aws.dashboard.page_data import NothingPublishedError, page_data
from tests.local_aws.dashboard.published_tables import HOSTILE, Tables, dashboard

DASHBOARD = dashboard()


def lines(data: dict[str, object]) -> dict[tuple[str | None, str | None], dict[str, object]]:
    return {(line["item"], line["dimension"]): line for line in data["lines"]}  # type: ignore[attr-defined]


def test_there_is_a_line_for_every_choice_of_item_and_dimension() -> None:
    tables = Tables()
    tables.publish(3, ["north", "south"])
    data = page_data(DASHBOARD, tables.ask, "shop-db")
    of = lines(data)
    items, dimensions = [None, "item 0", "item 1", "item 2"], [None, "north", "south"]
    assert set(of) == {(item, dimension) for item in items for dimension in dimensions}
    # item 1 sells 2 in the north and 4 in the south, a forecast like its history
    assert of["item 1", "south"]["forecast"] == {"line": [4] * 6, "low": [2] * 6, "high": [8] * 6}
    assert of["item 1", None]["history"] == [6] * 24
    assert of[None, "north"]["forecast"]["line"] == [6] * 6  # type: ignore[index]
    assert of[None, None]["forecast"]["line"] == [18] * 6  # type: ignore[index]
    assert (data["forecastStart"], len(data["times"])) == (24, 30)


def test_items_are_listed_with_all_of_them_first_and_then_by_size() -> None:
    tables = Tables()
    tables.publish(3, ["north", "south"])
    items = page_data(DASHBOARD, tables.ask, "shop-db")["items"]
    assert [each["item"] for each in items] == [None, "item 2", "item 1", "item 0"]
    # errors of 0, 1 and 2 percent of totals of 1, 2 and 3
    assert items[0]["wape"] == pytest.approx((0 * 1 + 0.01 * 2 + 0.02 * 3) / 6, rel=1e-4)
    assert items[1]["wape"] == pytest.approx(0.02)


def test_without_dimensions_an_item_has_one_line() -> None:
    tables = Tables()
    tables.publish(2, [""])
    data = page_data(DASHBOARD, tables.ask, "shop-db")
    assert set(lines(data)) == {(None, None), ("item 0", None), ("item 1", None)}
    assert data["dimensionCount"] == 1


def test_the_figures_know_the_band_and_the_run() -> None:
    tables = Tables()
    tables.publish(1, [""])
    data = page_data(DASHBOARD, tables.ask, "shop-db")
    figures = {each["id"]: (each["value"], each["target"]) for each in data["visuals"] if each["kind"] == "KPIVisual"}
    assert figures == {"average-wql": (0.06, 0.1), "coverage": (0.81, None)}
    assert (data["run"], data["made"], data["bandShare"]) == ("run2", "2026-01-06 02:00", 0.8)


def test_a_page_carries_the_totals_of_all_and_the_largest_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fan_lines, "NUMBERS_IN_PAGE", 4 * 2 * (30 + 2 * 6))
    tables = Tables()
    tables.publish(50, ["north", "south"])
    data = page_data(DASHBOARD, tables.ask, "shop-db")
    assert (data["heldSeriesCount"], data["seriesCount"], data["itemCount"]) == (4, 100, 50)
    of = lines(data)
    assert of[None, None]["history"][0] == sum(range(1, 51)) * 3  # type: ignore[index]
    assert {choice for choice in of if None not in choice} == {(f"item {i}", "south") for i in (46, 47, 48, 49)}


def test_a_page_of_30_000_series_stays_within_a_few_megabytes() -> None:
    tables = Tables()
    tables.publish(30_000, [""], months=60, horizon=12)
    page = dashboard_page(page_data(DASHBOARD, tables.ask, "shop-db"))
    assert len(page) < 3_000_000
    data = data_of(page)
    assert (data["heldSeriesCount"], data["seriesCount"]) == (500, 30_000)
    worst = next(each for each in data["visuals"] if each["id"] == "worst-items")
    assert worst["rowCount"] == 30_000
    assert 200 <= len(worst["rows"]) <= 700


def test_tables_that_no_run_has_filled_are_told() -> None:
    with pytest.raises(NothingPublishedError, match="the tables of database shop-db are empty; a run of the pipeline"):
        page_data(DASHBOARD, Tables().ask, "shop-db")


def test_a_forecast_without_quantiles_has_a_line_and_no_band() -> None:
    tables = Tables()
    tables.publish(1, [""])
    tables.connection.execute("UPDATE forecast_fan SET mean = p50 + 1, p10 = NULL, p50 = NULL, p90 = NULL")
    tables.connection.execute("UPDATE forecast_runs SET low_type = NULL, high_type = NULL, middle_type = NULL")
    data = page_data(DASHBOARD, tables.ask, "shop-db")
    assert data["lines"][0]["forecast"] == {"line": [2] * 6}
    assert (data["line"], data["bandShare"]) == ("mean", None)


def test_names_of_items_are_data_and_never_markup() -> None:
    tables = Tables()
    tables.publish(1, [""])
    for table in ("forecast_fan", "forecast_accuracy"):
        tables.connection.execute(f"UPDATE {table} SET item_id = ?, series = ?", [HOSTILE, HOSTILE])
    page = dashboard_page(page_data(DASHBOARD, tables.ask, "shop-db"))
    assert page.count("<script") == 2
    assert data_of(page)["items"][1]["name"] == HOSTILE
    code = page.partition('id="data">')[0] + page.rpartition("<script>")[2]
    assert not re.search(
        r"innerHTML|insertAdjacentHTML|document\.write|eval\(|https?://(?!www\.w3\.org/2000/svg)", code
    )
    assert json.dumps(HOSTILE)[1:-1] not in page


def test_every_element_the_script_asks_for_is_in_the_page() -> None:
    tables = Tables()
    tables.publish(1, [""])
    page = dashboard_page(page_data(DASHBOARD, tables.ask, "shop-db"))
    asked = set(re.findall(r'byId\("([a-z-]+)"\)', page))
    assert len(asked) > 10
    assert asked <= set(re.findall(r'id="([a-z-]+)"', page))
