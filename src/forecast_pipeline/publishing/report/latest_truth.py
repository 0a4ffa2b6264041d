"""Of each series the latest earlier forecast that has met what came, for its chart and its place in the list."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecast_contract.sql import literal
from forecast_engine import Array
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.forecast_versus_actual import TABLE
from forecast_pipeline.publishing.outputs.report_page import page_number
from forecast_pipeline.publishing.report.axis import ReportAxis


class LatestTruth:
    """The rows of ``forecast_versus_actual`` that are of the latest run of their series."""

    def __init__(self, tables: RunTables) -> None:
        """``compare_with_actual`` has filled that table; the latest run is the one whose forecast began last."""
        self.tables = tables
        earlier = tables.facts.earlier_forecasts
        runs = sorted(earlier, key=lambda run: (earlier[run].first, run), reverse=True)
        places = ", ".join(f"({literal(run)}, {place})" for place, run in enumerate(runs)) or "('', 0)"
        tables.connection.execute(
            f"CREATE TABLE latest_truth AS SELECT met.series, met.run, timestamp, actual, p10, p90,"
            f" CASE WHEN p50 IS NULL OR isnan(p50) THEN mean ELSE p50 END AS line FROM {TABLE} AS met JOIN"
            f" (SELECT series, arg_min(run, place) AS run FROM {TABLE} JOIN (VALUES {places}) AS runs(run, place)"
            "  USING (run) GROUP BY series) AS latest USING (series, run)"
        )

    def wapes(self, series_count: int) -> Array:
        """sum |y - f| / sum |y| [series] over the periods that have come; NaN without any, or where nothing came."""
        rows = self.tables.connection.execute(
            "SELECT series, sum(abs(actual - line)) AS error, sum(abs(actual)) AS total"
            " FROM latest_truth GROUP BY series"
        ).fetchnumpy()
        wapes = np.full(series_count, np.nan)
        error, total = (np.ma.filled(rows[name].astype(float), np.nan) for name in ("error", "total"))
        wapes[rows["series"]] = np.divide(error, total, out=np.full(len(total), np.nan), where=total > 0)
        return wapes

    def lines(self, history: AlignedHistory, axis: ReportAxis, numbers: NDArray[np.int64]) -> dict[int, dict[str, Any]]:
        """Number of a series (ascending ``numbers``) -> run, and the start, line, low and high that a chart draws."""
        connection = self.tables.connection
        connection.register("chosen", {"series": numbers.astype(np.int32)})
        rows = connection.execute(
            "SELECT series, run, timestamp, line, p10, p90 FROM latest_truth SEMI JOIN chosen USING (series)"
            " ORDER BY series, timestamp"
        ).fetchnumpy()
        connection.unregister("chosen")
        periods = history.grid.index_of(rows["timestamp"].astype("datetime64[s]"))
        values = {name: np.ma.filled(rows[name].astype(float), np.nan) for name in ("line", "p10", "p90")}
        found: dict[int, dict[str, Any]] = {}
        for number in np.unique(rows["series"]).tolist():
            at = np.flatnonzero((rows["series"] == number) & (periods >= axis.first))
            if len(at):
                found[number] = {"run": str(rows["run"][at[0]])} | _drawn(axis, periods[at], values, at)
        return found


def _drawn(
    axis: ReportAxis, periods: NDArray[np.int64], values: dict[str, Array], at: NDArray[np.int64]
) -> dict[str, Any]:
    """The rows ``at`` of an item as lines over the periods from its first to its last; no band where there is none."""
    first, last = int(periods[0]), int(periods[-1])
    lines = {}
    for name, column in (("line", "line"), ("low", "p10"), ("high", "p90")):
        line = np.full(last + 1 - first, np.nan)
        line[periods - first] = values[column][at]
        if name == "line" or not np.isnan(line).all():
            lines[name] = [page_number(value) for value in axis.drawn(line, first).tolist()]
    return {"start": axis.place(first)} | lines
