"""The level of a forecast beside that of an earlier one: totals over the steps that both have forecast."""

from dataclasses import dataclass

from forecast_contract.sql import identifier, literal
from forecast_pipeline.publishing.exports.run_tables import RunTables


@dataclass(frozen=True)
class SharedTotals:
    """Sums of the point forecast over the ``steps`` (of all series) that two runs have forecast."""

    now: float = 0.0
    before: float = 0.0
    steps: int = 0

    def __add__(self, other: "SharedTotals") -> "SharedTotals":
        """Of the series of both."""
        return SharedTotals(self.now + other.now, self.before + other.before, self.steps + other.steps)


def shared_totals(tables: RunTables, earlier_run: str | None) -> SharedTotals:
    """The totals beside those of an earlier run; nothing where its points are not of the same forecast type."""
    earlier = tables.facts.earlier_forecasts.get(earlier_run or "")
    point = tables.forecast_types.point
    if earlier is None or earlier_run is None or earlier.types.point != point:
        return SharedTotals()
    column = identifier(point)
    now, before, steps = tables.connection.execute(
        f"""
        SELECT coalesce(sum(forecast.{column}), 0), coalesce(sum(earlier.{column}), 0), count(*)
        FROM forecast JOIN earlier USING (series, timestamp)
        WHERE run = {literal(earlier_run)} AND forecast.{column} IS NOT NULL AND earlier.{column} IS NOT NULL
        """
    ).fetchall()[0]
    return SharedTotals(float(now), float(before), int(steps))
