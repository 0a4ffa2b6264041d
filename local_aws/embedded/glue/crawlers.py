"""Crawlers of Glue made real: ministack's make no table."""

import contextvars
import threading
import time
from typing import Any

from ministack.services import glue

Document = dict[str, Any]


def install(endpoint: str) -> None:
    """Replace what ministack does when a crawler starts. See the hooks."""

    def start_crawler(data: Document) -> Any:
        crawler = glue._crawlers.get(data.get("Name"))
        if crawler is None:
            return glue.error_response_json("EntityNotFoundException", f"Crawler {data.get('Name')} not found", 400)
        if crawler["State"] != "READY":
            message = f"Crawler {data['Name']} is already running"
            return glue.error_response_json("CrawlerRunningException", message, 400)
        crawler.update(State="RUNNING", CrawlElapsedTime=0)
        # A thread takes over account and region of the request only with its context.
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(crawl, crawler, endpoint), daemon=True).start()
        return glue.json_response({})

    glue._start_crawler = start_crawler


def crawl(crawler: Document, endpoint: str) -> None:
    """Make or renew the table of each folder that the crawler looks at; LastCrawl says how that ended."""
    from local_aws.embedded.glue import raw_table  # noqa: PLC0415 - duckdb and boto3 are loaded by the first crawl
    from local_aws.embedded.launcher import client  # noqa: PLC0415 - as above

    s3, started, status, message = client("s3", endpoint), time.time(), "SUCCEEDED", ""
    try:
        for target in crawler["Targets"].get("S3Targets", []):
            table = raw_table.table_of(s3, target["Path"], crawler)
            if table:
                _keep(crawler["DatabaseName"], table)
    except Exception as error:  # whatever went wrong stands in LastCrawl, as in the cloud
        status, message = "FAILED", str(error)[:2048]
    last = {"Status": status, "StartTime": started, "LogGroup": "/aws-glue/crawlers", "LogStream": crawler["Name"]}
    if message:
        last["ErrorMessage"] = message
    crawler.update(State="READY", CrawlElapsedTime=int((time.time() - started) * 1000), LastCrawl=last)


def _keep(database: str, table: Document) -> None:
    glue._create_database({"DatabaseInput": {"Name": database}})  # refused where it is there already
    wanted = {"DatabaseName": database, "TableInput": table}
    status, _, body = glue._create_table(wanted)
    if status >= 400:
        status, _, body = glue._update_table(wanted)
    if status >= 400:
        raise ValueError(f"table {table['Name']}: {body.decode()}")
