"""The three tables of a dashboard in DuckDB, declared as the template declares them in Glue, and asked as Athena is."""

from typing import Any

import duckdb

from local_aws.dashboard.athena import Row
from local_aws.dashboard.definition import Dashboard, read_dashboard
from local_aws.embedded.running import TEMPLATE
from local_aws.embedded.template import read_template

DUCKDB_TYPES = {"string": "VARCHAR", "timestamp": "TIMESTAMP", "double": "DOUBLE", "bigint": "BIGINT"}
HOSTILE = "</script><script>alert('1')</script> \\ \" \n"


def dashboard() -> Dashboard:
    """The dashboard of template.yaml."""
    return read_dashboard(read_template(TEMPLATE))


class Tables:
    """The tables, empty at first."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.asked: list[str] = []
        for body in read_template(TEMPLATE)["Resources"].values():
            table: dict[str, Any] = body.get("Properties", {}).get("TableInput", {})
            if body["Type"] == "AWS::Glue::Table":
                columns = [
                    f'"{column["Name"]}" {DUCKDB_TYPES[column["Type"]]}'
                    for column in table["StorageDescriptor"]["Columns"]
                ]
                self.connection.execute(f"CREATE TABLE {table['Name']} ({', '.join(columns)})")

    def ask(self, sql: str) -> list[Row]:
        """The rows as Athena's CSV has them: everything a text, null an empty one."""
        self.asked.append(sql)
        answer = self.connection.execute(sql)
        names = [column[0] for column in answer.description]
        rows = answer.fetchall()
        return [
            {name: "" if value is None else str(value) for name, value in zip(names, row, strict=True)} for row in rows
        ]

    def publish(self, items: int, dimensions: list[str], months: int = 24, horizon: int = 6) -> None:
        """So many items in each dimension: item i sells i + 1 a month in the first, twice that in the second.

        p50 is what it sold, p10 half and p90 twice as much; item i is off by i percent, seasonal naive by ten more.
        """
        self.connection.execute("CREATE TABLE dimensions (dimension VARCHAR, factor INTEGER)")
        for number, dimension in enumerate(dimensions):
            self.connection.execute("INSERT INTO dimensions VALUES (?, ?)", [dimension, number + 1])
        self.connection.execute(
            f"""CREATE TABLE series AS SELECT 'item ' || i AS item_id, i, dimension, (i + 1) * factor AS level,
                'item ' || i || ' ' || dimension AS series FROM range({items}) AS numbers (i), dimensions;
            INSERT INTO forecast_fan SELECT series, item_id, dimension, TIMESTAMP '2020-01-01' + to_months(m::INTEGER),
                CASE WHEN m < {months} THEN level END, CASE WHEN m >= {months} THEN level / 2 END,
                CASE WHEN m >= {months} THEN level END, CASE WHEN m >= {months} THEN level * 2 END, NULL, 'run2'
                FROM series, range({months + horizon}) AS periods (m);
            INSERT INTO forecast_accuracy
                SELECT series, item_id, dimension, i / 100, i / 100 + .1, .8, level * 12, 'run2' FROM series;
            INSERT INTO forecast_runs VALUES
                ('run1', TIMESTAMP '2026-01-05 02:00:00', .09, .10, .70, 3, 'arn:1', 'p10', 'p50', 'p90',
                 NULL, NULL, NULL, NULL, NULL),
                ('run2', TIMESTAMP '2026-01-06 02:00:00', .06, .10, .81, 3, 'arn:2', 'p10', 'p50', 'p90',
                 'run1', .03, .84, .05, .08)"""
        )
