"""The rows of a target file as the service will see them: whose value it is, when it was, and which it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forecast_contract.sql import identifier
from forecast_language import said
from local_aws.guessing.roles import Roles
from local_aws.guessing.table import DataError, Table

OBSERVATIONS = "observations"
MOST_UNNAMED = 0.1  # of the rows


@dataclass(frozen=True)
class Observations:
    """The table OBSERVATIONS beside the file's own: rows that are left out of the upload are deleted from it.

    Its columns: `place` (the rowid in `data`), `series` (a number for the keys), `moment`, `number` (NULL where it is
    unknown or no number), `is_known` (whether there is a value at all), `is_changed` (`number` goes in place of the
    value that the file holds).
    """

    table: Table
    roles: Roles
    read: int  # rows of the file
    unnamed: int  # of them without the name of a series: they are not in the table

    @classmethod
    def of(cls, table: Table, roles: Roles) -> "Observations":
        """Read the rows that name a series. DataError if many rows name none, or if no row holds a value."""
        text = table.number(identifier(roles.target))
        keys = ", ".join(["1", *(identifier(key) for key in roles.keys)])
        named = " AND ".join(["true", *(f"coalesce({identifier(key)}, '') != ''" for key in roles.keys)])
        table.connection.execute(
            f"""CREATE OR REPLACE TABLE {OBSERVATIONS} AS
                SELECT place, series, moment, is_known, CASE WHEN is_known THEN number END AS number,
                       false AS is_changed
                FROM (SELECT *, coalesce(trim(value), '') != '' AND NOT coalesce(isnan(number), false) AS is_known
                      FROM (SELECT rowid AS place, hash({keys}) AS series,
                                   {roles.notation.reading(identifier(roles.timestamp))} AS moment,
                                   {text} AS value, try_cast({text} AS DOUBLE) AS number
                            FROM data WHERE {named}))"""
        )
        read, used, known = table.query(
            "SELECT (SELECT count(*) FROM data), count(*), count(*) FILTER (is_known) FROM observations"
        )[0]
        _require_names(table, roles, read, read - used, f"NOT ({named})")
        if not known:
            raise DataError(
                said("{file}: found no value in column {column}, wanted numbers", file=table.path, column=roles.target)
            )
        return cls(table, roles, read, read - used)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The result of an SQL query over OBSERVATIONS and `data`."""
        return self.table.query(sql)

    def one(self, sql: str) -> Any:
        """The first value of the first row of a query."""
        return self.query(sql)[0][0]

    def leave_out(self, condition: str) -> int:
        """Delete the rows for which a condition in SQL holds; gives how many they were."""
        (count,) = self.table.connection.execute(f"DELETE FROM {OBSERVATIONS} WHERE {condition}").fetchall()[0]
        return int(count)

    def sentences(self) -> Iterator[str]:
        """How many of the rows read are used, and how many are left out, for whatever reason."""
        used = self.one("SELECT count(*) FROM observations")
        if self.unnamed:
            yield said(
                "left out    {count} of {total} rows, without {column}",
                count=self.unnamed,
                total=self.read,
                column=said(" or ").join(self.roles.keys),
            )
        if used < self.read:
            yield said(
                "rows        {total} read: {used} used, {left_out} left out",
                total=self.read,
                used=used,
                left_out=self.read - used,
            )


def _require_names(table: Table, roles: Roles, read: int, unnamed: int, is_unnamed: str) -> None:
    if unnamed > MOST_UNNAMED * read:
        line = table.query(f"SELECT min(line) FROM data WHERE {is_unnamed}")[0][0]
        raise DataError(
            said(
                "{file}: found {count} of {total} rows without {column}, the first in {place}; wanted at most"
                " {most:.0%} of them",
                file=table.path,
                count=unnamed,
                total=read,
                column=said(" or ").join(roles.keys),
                place=table.line(line),
                most=MOST_UNNAMED,
            )
        )
