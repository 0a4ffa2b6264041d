"""Sums over periods of which a part is unknown: on an unknown day of a week not nothing was sold."""

from dataclasses import dataclass

from forecast_contract.frequencies import mean_seconds
from forecast_language import counted, said
from local_aws.periods.aggregation import Aggregation
from local_aws.periods.frequency import step_of
from local_aws.periods.missing import GAPS, SERIES, find_missing
from local_aws.periods.observations import Observations

PARTS = "unknown_parts"  # series, period, known, steps: periods of a series of which some steps are known, not all


@dataclass(frozen=True)
class UnknownParts:
    """How many `steps` are unknown in periods with known ones; their sums are `scaled` up, or the period is unknown."""

    steps: int
    scaled: int
    unknown: int
    is_wanted: bool

    @property
    def sentence(self) -> str:
        """What became of these periods, and the option that says otherwise."""
        clauses = []
        if self.scaled:
            clauses.append(
                counted(
                    "{number} sum is raised to the whole period",
                    "{number} sums are raised to the whole period",
                    self.scaled,
                )
            )
        if self.unknown:
            clauses.append(counted("{number} sum is unknown", "{number} sums are unknown", self.unknown))
        return counted(
            "missing     {number} step is unknown in periods that hold others: {sums}{override}",
            "missing     {number} steps are unknown in periods that hold others: {sums}{override}",
            self.steps,
            sums=", ".join(clauses),
            override="" if self.is_wanted else said("  (guessed; --missing overrides)"),
        )


def settle_unknown_parts(
    rows: Observations, frequencies: tuple[str, str], aggregation: Aggregation, wanted: str | None
) -> UnknownParts | None:
    """Raise the sums of periods by their unknown steps; None if there are none, or if nothing is summed.

    With `steps` in a period, of which `known` are: sum * steps / known, and unknown where less than half is known.
    `wanted` zero leaves the sums as they are, and unknown makes all such periods unknown.
    """
    data_frequency, frequency = frequencies
    if aggregation.method != "sum" or mean_seconds(frequency) <= mean_seconds(data_frequency) or wanted == "zero":
        return None
    _load_parts(rows, data_frequency, frequency, wanted)
    scaled = "false" if wanted == "unknown" else "2 * known >= steps"
    count, at_scaled, lacking = rows.query(
        f"SELECT count(*), count(*) FILTER ({scaled}), coalesce(sum(steps - known), 0) FROM {PARTS}"
    )[0]
    if not count:
        return None
    rows.table.connection.execute(
        f"""UPDATE observations SET is_changed = true, is_known = is_known AND {scaled},
              number = CASE WHEN {scaled} THEN number * steps / known END
            FROM {PARTS} AS parts
            WHERE number IS NOT NULL AND observations.series = parts.series
            AND {_period(rows, frequency, "moment")} = parts.period"""
    )
    return UnknownParts(int(lacking), at_scaled, count - at_scaled, is_wanted=wanted is not None)


def _load_parts(rows: Observations, data_frequency: str, frequency: str, wanted: str | None) -> None:
    missing = find_missing(rows, data_frequency, 1, is_average=False, leaves_out_phases=False, wanted=wanted)
    gaps = ""
    if missing.unknown or missing.late:
        gaps = f"""UNION ALL SELECT series, {_period(rows, frequency, "start")} AS period, false AS is_known
                   FROM {GAPS} JOIN {SERIES} USING (series)
                   WHERE NOT is_regular AND NOT is_zero AND (step < last OR is_late)"""
    step = step_of(data_frequency, _first(rows), "moment")
    rows.table.connection.execute(
        f"""CREATE OR REPLACE TABLE {PARTS} AS
            SELECT series, period, count(*) FILTER (is_known) AS known, count(*) AS steps FROM (
              SELECT series, any_value({_period(rows, frequency, "moment")}) AS period, bool_or(is_known) AS is_known
              FROM observations GROUP BY series, {step} {gaps})
            GROUP BY series, period HAVING known BETWEEN 1 AND steps - 1"""
    )


def _period(rows: Observations, frequency: str, moment: str) -> str:
    return step_of(frequency, _first(rows), moment)


def _first(rows: Observations) -> str:
    return f"TIMESTAMP '{rows.one('SELECT min(moment) FROM observations')}'"
