"""Several files of which each holds one series: the file's name is the name of the series."""

from dataclasses import replace

from forecast_contract.sql import identifier, literal
from local_aws.guessing.moments import Moment
from local_aws.guessing.rows.heading import unique
from local_aws.guessing.table import Table
from local_aws.opening.named_file import stem_of

SHARED = 0.5  # of the moments: files that follow each other share a few at their ends


def hold_a_series_each(table: Table, moment: Moment) -> bool:
    """Whether most times stand in several of the files, with other values in each."""
    if not table.starts:
        return False
    time = moment.notation.reading(identifier(moment.columns[0]))
    columns = ", ".join(map(identifier, table.columns))
    shared, copied, moments = table.query(
        f"""SELECT count(*) FILTER (files > 1), count(*) FILTER (files > 1 AND contents = 1), count(*) FROM (
              SELECT count(DISTINCT {_file(table)}) AS files, count(DISTINCT hash({columns})) AS contents
              FROM data GROUP BY {time})"""
    )[0]
    return bool(shared - copied > SHARED * moments)


def with_file_names(table: Table) -> Table:
    """The table with a column for the file that each row stands in, without folders and endings."""
    *_, name = unique([*table.columns, "file"])
    table.connection.execute(
        f"CREATE OR REPLACE TABLE data AS SELECT {_file(table)} AS {identifier(name)}, * FROM data ORDER BY line"
    )
    return replace(table, columns=(name, *table.columns))


def _file(table: Table) -> str:
    """SQL for the name of the file that a row stands in."""
    cases = (f"WHEN line > {before} THEN {literal(stem_of(name))}" for before, name in reversed(table.starts))
    return f"CASE {' '.join(cases)} END"
