"""Asks Athena a question, and reads the answer where Athena writes it: as CSV in the results of the workgroup."""

import csv
import io
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from forecast_language import said

POLL_SECONDS = 0.1
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")

Row = dict[str, str]


class QueryError(Exception):
    """Athena did not answer; the message has its reason."""


@dataclass(frozen=True)
class Athena:
    """A database and a workgroup, and the clients that reach them."""

    athena: Any
    s3: Any
    database: str
    workgroup: str

    def ask(self, sql: str) -> list[Row]:
        """The rows of the answer by column; a null is an empty text. QueryError with Athena's reason."""
        query = self.athena.start_query_execution(
            QueryString=sql, WorkGroup=self.workgroup, QueryExecutionContext={"Database": self.database}
        )["QueryExecutionId"]
        while True:
            execution = self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if execution["Status"]["State"] in ENDED:
                break
            time.sleep(POLL_SECONDS)
        if execution["Status"]["State"] != "SUCCEEDED":
            reason = execution["Status"].get("StateChangeReason", execution["Status"]["State"])
            raise QueryError(
                said(
                    "Athena, database {database}: {reason}; asked: {query}",
                    database=self.database,
                    reason=" ".join(reason.split()),
                    query=sql,
                )
            )
        place = urlsplit(execution["ResultConfiguration"]["OutputLocation"])
        content = self.s3.get_object(Bucket=place.netloc, Key=place.path.lstrip("/"))["Body"].read()
        return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
