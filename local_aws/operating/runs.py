"""The runs of a stack: what Step Functions knows of them, and what each says of its forecast in the history."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from forecast_language import columns, padded, said
from forecast_pipeline.publishing.outputs.latest_forecast import RUN_DOCUMENT, LatestForecast
from local_aws.operating.stack import Stack

CALLS_AT_A_TIME = 16
AS_OF = "as of "  # how the state of a run as of an old date begins


@dataclass(frozen=True)
class Run:
    """A run: when it began, what became of it; accuracy.json if it made a forecast, and run.json where it was read."""

    run_id: str
    started: datetime
    state: str
    mark: dict[str, Any] | None
    made: dict[str, Any] | None = None

    def cells(self) -> tuple[str, ...]:
        """What a table shows of it, in the order of `header`."""
        head = (self.run_id, f"{self.started:%Y-%m-%d %H:%M}", _shown(self.state))
        if self.mark is None:
            return (*head, "", "", "", "", "")
        measured = [self.mark[name]["AverageWeightedQuantileLoss"] for name in ("Accuracy", "SeasonalNaive")]
        spans = [str(self.mark[name])[:10] for name in ("FirstTimestamp", "LastTimestamp")]
        return (
            *head,
            *("" if each is None else f"{each:.4g}" for each in measured),
            str(self.mark["ItemCount"]),
            *spans,
        )

    def document(self) -> dict[str, Any]:
        """The same for a program: accuracy.json and run.json whole, None where there is none."""
        known = {"Run": self.run_id, "Started": self.started.isoformat(), "State": self.state}
        return known | {"Forecast": self.mark, "Made": self.made}


def runs_of(stack: Stack, most: int) -> list[Run]:
    """The newest runs, the newest first.

    State: running, failed, timed out, aborted; latest, published (once, and replaced since), held back, superseded,
    as of a date, waits for approval.
    """
    bucket, states = stack.resource("DataBucket"), stack.clients("stepfunctions")
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=stack.resource("ForecastPipeline"), PaginationConfig={"MaxItems": most}
    )
    executions = [execution for page in pages for execution in page["executions"]]
    forecasts = LatestForecast(stack.clients("s3"), bucket)
    latest = forecasts.latest_mark()
    with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
        marks = list(pool.map(lambda execution: forecasts.mark_of(execution["name"]), executions))
    return [*_known(executions, marks, latest["RunId"] if latest else None)]


def with_what_made_them(stack: Stack, runs: Sequence[Run]) -> list[Run]:
    """The runs with run.json of each: requests, files, predictor, times and what it used."""
    forecasts = LatestForecast(stack.clients("s3"), stack.resource("DataBucket"))
    with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
        made = list(pool.map(lambda run: forecasts.document_of(run.run_id, RUN_DOCUMENT), runs))
    return [replace(run, made=each) for run, each in zip(runs, made, strict=True)]


def _known(
    executions: Sequence[dict[str, Any]], marks: Sequence[dict[str, Any] | None], latest_run: str | None
) -> Iterator[Run]:
    for execution, mark in zip(executions, marks, strict=True):
        name, status = execution["name"], execution["status"]
        is_waiting = status == "RUNNING" and bool(mark and mark.get("Approval"))
        forecast = mark if status == "SUCCEEDED" or name == latest_run or is_waiting else None
        state = _state(forecast, name == latest_run) if forecast else status.lower().replace("_", " ")
        yield Run(name, execution["startDate"], state, forecast)


def _state(mark: dict[str, Any], is_latest: bool) -> str:
    if is_latest:
        return "latest"
    if mark.get("Approval"):
        return "waits for approval"
    if mark.get("AsOf"):
        return f"{AS_OF}{mark['AsOf']}"
    return "held back" if mark.get("HeldBack") else "superseded" if mark.get("SupersededBy") else "published"


def _shown(state: str) -> str:
    """A state in the language of the process."""
    if state.startswith(AS_OF):
        return said("as of {day}", day=state.removeprefix(AS_OF))
    words = {
        "running": said("running"),
        "succeeded": said("succeeded"),
        "failed": said("failed"),
        "timed out": said("timed out"),
        "aborted": said("aborted"),
        "latest": said("latest"),
        "published": said("published"),
        "held back": said("held back"),
        "superseded": said("superseded"),
        "waits for approval": said("waits for approval"),
    }
    return words.get(state, state)


def header() -> tuple[str, ...]:
    """What stands above the columns of the table."""
    return (
        said("Run"),
        said("Started"),
        said("State"),
        said("Average wQL"),
        said("Seasonal naive"),
        said("Items"),
        said("From"),
        said("To"),
    )


def table_of(runs: Sequence[Run]) -> str:
    """The runs as lines of a table; one sentence where there are none."""
    if not runs:
        return said("no run yet: put params.json and files under train/ into the bucket, or say almanac run")
    rows = [header(), *(run.cells() for run in runs)]
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)


def document_of(stack: str, runs: Sequence[Run]) -> dict[str, Any]:
    """The runs of a stack for a program, the newest first."""
    return {"Stack": stack, "Runs": [run.document() for run in runs]}
