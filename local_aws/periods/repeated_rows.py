"""Rows that are there twice: exact copies, and the clock hour that the end of daylight saving repeats."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from forecast_contract.frequencies import mean_seconds
from forecast_contract.sql import identifier
from forecast_language import counted
from local_aws.periods.observations import OBSERVATIONS, Observations

REPEATED = "repeated_rows"  # place, series, moment: rows that share both with another row
COPIES = "copied_rows"  # place: those of REPEATED that hold in all columns what a row before them holds
CHANCE = math.log(1e-6)  # that so many rows hold the same values by themselves
UTC_OFFSET = r"([+-]\d\d:?\d\d)\s*$"
# Clocks are set back in the small hours of a Sunday in spring or autumn.
CLOCK_HOUR = "isodow(moment) = 7 AND hour(moment) <= 3 AND month(moment) IN (3, 4, 10, 11)"


@dataclass(frozen=True)
class RepeatedRows:
    """Exact `copies` of other rows, and `clock_hours`: rows that were averaged with the row of the hour before."""

    copies: int
    copies_are_left_out: bool
    clock_hours: int

    def sentences(self) -> Iterator[str]:
        """What there is twice, and what becomes of it."""
        if self.copies_are_left_out:
            yield counted(
                "copies      {number} row is an exact copy of another and left out, not summed"
                "  (guessed; --aggregate sum adds them up)",
                "copies      {number} rows are exact copies of another and left out, not summed"
                "  (guessed; --aggregate sum adds them up)",
                self.copies,
            )
        elif self.copies:
            yield counted(
                "copies      {number} row is an exact copy of another and counts like any row",
                "copies      {number} rows are exact copies of another and count like any row",
                self.copies,
            )
        if self.clock_hours:
            yield counted(
                "clock       {number} row repeats a clock hour as daylight saving ends: averaged with the row before",
                "clock       {number} rows repeat a clock hour as daylight saving ends: averaged with the row before",
                self.clock_hours,
            )


def settle_repeated_rows(rows: Observations, data_frequency: str, wanted: str | None) -> RepeatedRows:
    """Find the repeated rows; average clock hours, and leave out copies that are there by mistake.

    With the aggregation that is `wanted` copies stay.
    """
    rows.table.connection.execute(
        f"""CREATE OR REPLACE TABLE {REPEATED} AS
            SELECT place, series, moment FROM (
              SELECT *, count(*) OVER (PARTITION BY series, moment) AS count FROM {OBSERVATIONS} WHERE is_known)
            WHERE count > 1"""
    )
    if not rows.one(f"SELECT count(*) FROM {REPEATED}"):
        return RepeatedRows(0, False, 0)
    clock_hours = _average_clock_hours(rows) if mean_seconds(data_frequency) < mean_seconds("D") else 0
    copies = _find_copies(rows)
    is_mistake = bool(copies) and wanted is None and _are_no_chance(rows, copies)
    if is_mistake:
        rows.leave_out(f"place IN (SELECT place FROM {COPIES})")
    return RepeatedRows(copies, is_mistake, clock_hours)


def _average_clock_hours(rows: Observations) -> int:
    """Average the rows of a moment that differ in their offset to UTC, or of an hour in which clocks are set back."""
    text = f"data.{identifier(rows.roles.timestamp)}"
    offsets = rows.one(
        f"""SELECT count(*) FROM (
              SELECT 1 FROM data
              JOIN (SELECT place AS _place, series AS _series, moment AS _moment FROM {REPEATED})
              ON data.rowid = _place GROUP BY _series, _moment
              HAVING count(DISTINCT regexp_extract({text}, '{UTC_OFFSET}', 1)) < count(*))"""
    )
    elsewhere = rows.one(f"SELECT count(*) FROM {REPEATED} WHERE NOT ({CLOCK_HOUR})")
    if offsets and elsewhere:
        return 0
    rows.table.connection.execute(
        f"""UPDATE {OBSERVATIONS} SET number = mean, is_changed = true
            FROM (SELECT min(place) AS kept, avg(number) AS mean FROM {OBSERVATIONS} SEMI JOIN {REPEATED} USING (place)
                  GROUP BY series, moment) AS hours WHERE place = kept"""
    )
    first = f"SELECT min(place) FROM {REPEATED} GROUP BY series, moment"
    count = rows.leave_out(f"place IN (SELECT place FROM {REPEATED}) AND place NOT IN ({first})")
    rows.table.connection.execute(f"DELETE FROM {REPEATED}")
    return count


def _find_copies(rows: Observations) -> int:
    """Fill COPIES; gives how many they are."""
    columns = ", ".join(f"data.{identifier(name)}" for name in rows.table.columns)
    rows.table.connection.execute(
        f"""CREATE OR REPLACE TABLE {COPIES} AS SELECT place FROM (
              SELECT _place AS place, row_number() OVER (PARTITION BY {columns} ORDER BY _place) AS number
              FROM data JOIN (SELECT place AS _place FROM {REPEATED}) ON data.rowid = _place) WHERE number > 1"""
    )
    count: int = rows.one(f"SELECT count(*) FROM {COPIES}")
    return count


def _are_no_chance(rows: Observations, copies: int) -> bool:
    """Whether every repeated row is a copy, though the values of a series differ so much that chance makes none."""
    moments, repeated = rows.query(
        f"SELECT count(*), sum(count) FROM (SELECT count(*) AS count FROM {REPEATED} GROUP BY series, moment)"
    )[0]
    alike = rows.one(
        f"""SELECT sum(count * count) / sum(sum_of_series) FROM (
              SELECT count, sum(count) OVER (PARTITION BY series) * count AS sum_of_series
              FROM (SELECT series, count(*) AS count FROM {OBSERVATIONS} WHERE is_known GROUP BY series, number))"""
    )
    return bool(copies == repeated - moments and copies * math.log(alike) < CHANCE)
