"""The history as it was at the end of an old day: rows of periods that had not ended are left out."""

from dataclasses import dataclass
from datetime import date

from forecast_contract.periods import end_of_day, last_day_of, period_end
from forecast_language import counted, said
from local_aws.guessing.table import DataError
from local_aws.periods.observations import Observations


@dataclass(frozen=True)
class LaterRows:
    """How many ``rows`` of periods that had not ended at the end of ``day`` are left out."""

    rows: int
    day: date

    @property
    def sentence(self) -> str:
        """What the forecast knows."""
        return counted(
            "as of       {day}: {number} row is left out, whose period had not ended by then",
            "as of       {day}: {number} rows are left out, whose periods had not ended by then",
            self.rows,
            day=self.day,
        )


def leave_out_later_rows(rows: Observations, frequency: str, day: date | None) -> LaterRows | None:
    """Leave out what was not known at the end of a day, by the ``frequency`` of the data; None without a day.

    DataError if no value was known by then.
    """
    if day is None:
        return None
    end = end_of_day(day)
    moments = [moment for (moment,) in rows.query("SELECT DISTINCT moment FROM observations WHERE is_known ORDER BY 1")]
    known = [moment for moment in moments if period_end(moment, frequency) <= end]
    if not known:
        raise DataError(
            said(
                "{file}: found no value whose period had ended by {day}, wanted --as-of {first_day} or later",
                file=rows.table.path,
                day=day,
                first_day=last_day_of(moments[0], frequency),
            )
        )
    return LaterRows(rows.leave_out(f"moment > TIMESTAMP '{known[-1]}'"), day)
