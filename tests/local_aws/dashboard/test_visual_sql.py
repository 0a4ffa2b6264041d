"""Every visual of the dashboard becomes SQL that its table answers, with the numbers that QuickSight would show."""

import dataclasses

import pytest

from local_aws.dashboard.visual_sql import statement
from tests.local_aws.dashboard.published_tables import Tables, dashboard

DASHBOARD = dashboard()
VISUALS = {visual.id: visual for visual in DASHBOARD.visuals}


@pytest.fixture(scope="module")
def tables() -> Tables:
    tables = Tables()
    tables.publish(3, ["north", "south"])
    return tables


def test_the_dashboard_has_figures_a_fan_chart_worst_items_and_accuracy_over_runs() -> None:
    assert list(VISUALS) == ["average-wql", "coverage", "fan-chart", "worst-items", "accuracy-over-runs"]
    assert [(each.column, each.label) for each in DASHBOARD.filters] == [
        ("item_id", "Item"),
        ("dimension", "Dimension"),
    ]


@pytest.mark.parametrize("name", VISUALS)
def test_every_visual_yields_rows(tables: Tables, name: str) -> None:
    rows = tables.ask(statement(DASHBOARD, VISUALS[name]))
    assert rows
    assert all(any(row.values()) for row in rows)
    assert set(rows[0]) == {field.id for field in (*VISUALS[name].groups, *VISUALS[name].values)}


def test_the_figures_are_those_of_the_newest_run(tables: Tables) -> None:
    assert tables.ask(statement(DASHBOARD, VISUALS["average-wql"])) == [
        {"average-wql-value": "0.06", "average-wql-naive": "0.1"}
    ]
    assert tables.ask(statement(DASHBOARD, VISUALS["coverage"])) == [{"coverage-value": "0.81"}]


def test_the_fan_chart_sums_the_series_of_a_period_in_order_of_time(tables: Tables) -> None:
    rows = tables.ask(statement(DASHBOARD, VISUALS["fan-chart"]))
    assert len(rows) == 30
    assert [row["fan-chart-time"] for row in rows] == sorted(row["fan-chart-time"] for row in rows)
    # (1 + 2 + 3) in the north and twice that in the south
    assert rows[0] == {
        "fan-chart-time": "2020-01-01 00:00:00", "fan-chart-history": "18.0",
        "fan-chart-middle": "", "fan-chart-p10": "", "fan-chart-p90": "",
    }  # fmt: skip
    assert (rows[-1]["fan-chart-p10"], rows[-1]["fan-chart-p90"]) == ("9.0", "36.0")


def test_the_worst_items_come_first(tables: Tables) -> None:
    rows = tables.ask(statement(DASHBOARD, VISUALS["worst-items"]))
    assert [row["worst-items-wape"] for row in rows] == ["0.02", "0.02", "0.01", "0.01", "0.0", "0.0"]
    assert float(rows[0]["worst-items-naive"]) == pytest.approx(0.12)


def test_accuracy_over_runs_has_a_point_for_each(tables: Tables) -> None:
    rows = tables.ask(statement(DASHBOARD, VISUALS["accuracy-over-runs"]))
    assert [row["accuracy-over-runs-wql"] for row in rows] == ["0.09", "0.06"]


def test_only_the_newest_periods_are_charted(tables: Tables) -> None:
    fan = VISUALS["fan-chart"]
    assert fan.newest
    few = dataclasses.replace(fan, newest=dataclasses.replace(fan.newest, count=7))
    rows = tables.ask(statement(DASHBOARD, few))
    assert [row["fan-chart-time"][:7] for row in rows] == ["2021-12", *(f"2022-0{month}" for month in range(1, 7))]


def test_a_visual_can_be_split_by_the_columns_of_the_filters(tables: Tables) -> None:
    rows = tables.ask(statement(DASHBOARD, VISUALS["fan-chart"], ["dimension"], "\"item_id\" = 'item 1'"))
    first = {row["dimension"]: row["fan-chart-history"] for row in rows if row["fan-chart-time"].startswith("2020-01")}
    assert first == {"north": "2.0", "south": "4.0"}


def test_a_calculated_field_of_another_form_is_refused_with_its_text() -> None:
    other = dataclasses.replace(
        DASHBOARD, calculated={**DASHBOARD.calculated, "forecast_runs": {"latest_coverage": "{coverage} * 2"}}
    )
    with pytest.raises(ValueError, match=r"calculated field '\{coverage\} \* 2': wanted "):
        statement(other, VISUALS["coverage"])


@pytest.mark.parametrize("visual", VISUALS.values(), ids=VISUALS)
def test_a_visual_names_only_columns_that_its_table_has(visual: object) -> None:
    assert dataclasses.is_dataclass(visual)
    known = {*DASHBOARD.columns[visual.table], *DASHBOARD.calculated[visual.table]}  # type: ignore[attr-defined]
    assert {field.column for field in (*visual.groups, *visual.values)} <= known  # type: ignore[attr-defined]
