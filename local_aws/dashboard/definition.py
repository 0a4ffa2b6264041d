"""The dashboard that template.yaml gives to QuickSight, as far as a page shows it: visuals, filters, their tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local_aws.embedded.template import Template

DASHBOARD = "QuickSightDashboard"


@dataclass(frozen=True)
class Field:
    """A field well: a column, and what becomes of its values.

    ``aggregate`` is SUM or AVERAGE, ``granularity`` MINUTE or its like; both are None for a plain column.
    """

    id: str
    column: str
    label: str
    aggregate: str | None = None
    granularity: str | None = None
    is_percent: bool = False


@dataclass(frozen=True)
class NewestPeriods:
    """A filter that keeps so many of the newest periods of a column."""

    column: str
    granularity: str
    count: int


@dataclass(frozen=True)
class Visual:
    """One visual: what it groups by, what it shows, and where it stands (of 36 columns)."""

    id: str
    kind: str
    title: str
    table: str
    groups: tuple[Field, ...]
    values: tuple[Field, ...]
    sort: tuple[str, str] | None
    newest: NewestPeriods | None
    dashed: frozenset[str]
    row: int
    span: int


@dataclass(frozen=True)
class Filter:
    """A control that chooses values of a column, in every visual whose table has that column."""

    column: str
    label: str


@dataclass(frozen=True)
class Dashboard:
    """``columns`` maps a table to its columns, ``calculated`` a table to QuickSight's expressions by name."""

    visuals: tuple[Visual, ...]
    filters: tuple[Filter, ...]
    columns: Mapping[str, tuple[str, ...]]
    calculated: Mapping[str, Mapping[str, str]]


def read_dashboard(template: Template) -> Dashboard:
    """The dashboard of a template. KeyError where the template has none."""
    resources = template["Resources"]
    definition = resources[DASHBOARD]["Properties"]["Definition"]
    sources = {
        each["Identifier"]: _relational_table(resources[each["DataSetArn"]["Fn::GetAtt"][0]])
        for each in definition["DataSetIdentifierDeclarations"]
    }
    tables = {identifier: source["Name"] for identifier, source in sources.items()}
    calculated: dict[str, dict[str, str]] = {name: {} for name in tables.values()}
    for field in definition["CalculatedFields"]:
        calculated[tables[field["DataSetIdentifier"]]][field["Name"]] = field["Expression"]
    (sheet,) = definition["Sheets"]
    return Dashboard(
        tuple(_visuals(sheet, tables, definition["FilterGroups"])),
        tuple(_filters(sheet, definition["FilterGroups"])),
        {source["Name"]: tuple(each["Name"] for each in source["InputColumns"]) for source in sources.values()},
        calculated,
    )


def _relational_table(data_set: dict[str, Any]) -> dict[str, Any]:
    (physical,) = data_set["Properties"]["PhysicalTableMap"].values()
    table: dict[str, Any] = physical["RelationalTable"]
    return table


def _visuals(sheet: dict[str, Any], tables: dict[str, str], groups: list[dict[str, Any]]) -> Iterator[Visual]:
    (layout,) = sheet["Layouts"]
    places = {each["ElementId"]: each for each in layout["Configuration"]["GridLayout"]["Elements"]}
    newest = dict(_newest_periods(groups))
    for visual in sheet["Visuals"]:
        ((kind, body),) = visual.items()
        chart = body["ChartConfiguration"]
        (wells,) = [chart["FieldWells"]] if kind == "KPIVisual" else chart["FieldWells"].values()
        labels = _labels(chart)
        grouped = [_field(each, labels) for each in wells.get("Category", wells.get("GroupBy", []))]
        shown = [_field(each, labels) for each in [*wells["Values"], *wells.get("TargetValues", [])]]
        column = next(iter(wells["Values"][0].values()))["Column"]
        place = places[body["VisualId"]]
        yield Visual(
            body["VisualId"],
            kind,
            body["Title"]["FormatText"]["PlainText"],
            tables[column["DataSetIdentifier"]],
            tuple(grouped),
            tuple(shown),
            _sort(chart.get("SortConfiguration", {})),
            newest.get(body["VisualId"]),
            frozenset(_dashed(chart)),
            place["RowIndex"],
            place["ColumnSpan"],
        )


def _field(well: dict[str, Any], labels: dict[str, str]) -> Field:
    ((_, body),) = well.items()
    written = body.get("FormatConfiguration", {}).get("FormatConfiguration", {})
    return Field(
        body["FieldId"],
        body["Column"]["ColumnName"],
        labels.get(body["FieldId"], body["Column"]["ColumnName"]),
        body.get("AggregationFunction", {}).get("SimpleNumericalAggregation"),
        body.get("DateGranularity"),
        "PercentageDisplayFormatConfiguration" in written,
    )


def _labels(chart: dict[str, Any]) -> dict[str, str]:
    options = chart.get("FieldOptions", {}).get("SelectedFieldOptions", [])
    axis = chart.get("PrimaryYAxisLabelOptions", {}).get("AxisLabelOptions", [])
    return {each["FieldId"]: each["CustomLabel"] for each in options} | {
        each["ApplyTo"]["FieldId"]: each["CustomLabel"] for each in axis
    }


def _sort(configuration: dict[str, Any]) -> tuple[str, str] | None:
    for sort in [*configuration.get("RowSort", []), *configuration.get("CategorySort", [])]:
        return sort["FieldSort"]["FieldId"], sort["FieldSort"]["Direction"]
    return None


def _dashed(chart: dict[str, Any]) -> Iterator[str]:
    for series in chart.get("Series", []):
        if series["FieldSeriesItem"]["Settings"]["LineStyleSettings"]["LineStyle"] == "DASHED":
            yield series["FieldSeriesItem"]["FieldId"]


def _newest_periods(groups: list[dict[str, Any]]) -> Iterator[tuple[str, NewestPeriods]]:
    """The top filters on a time, each with the visual that it is of."""
    for group in groups:
        for filter_ in (each["TopBottomFilter"] for each in group["Filters"] if "TopBottomFilter" in each):
            newest = NewestPeriods(filter_["Column"]["ColumnName"], filter_["TimeGranularity"], filter_["Limit"])
            (scope,) = group["ScopeConfiguration"]["SelectedSheets"]["SheetVisualScopingConfigurations"]
            for visual in scope["VisualIds"]:
                yield visual, newest


def _filters(sheet: dict[str, Any], groups: list[dict[str, Any]]) -> Iterator[Filter]:
    columns = {
        each["CategoryFilter"]["FilterId"]: each["CategoryFilter"]["Column"]["ColumnName"]
        for group in groups
        for each in group["Filters"]
        if "CategoryFilter" in each
    }
    for control in sheet["FilterControls"]:
        yield Filter(columns[control["Dropdown"]["SourceFilterId"]], control["Dropdown"]["Title"])
