"""One run of the deployed pipeline: files go into the data bucket, and its execution is followed to the end."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from forecast_language import said
from forecast_pipeline.publishing.exports.file_ranges import FileRange
from forecast_pipeline.publishing.exports.s3_location import S3Location
from forecast_pipeline.publishing.outputs.joined_files import join_parts
from forecast_pipeline.runs.data_files import read_content
from forecast_pipeline.runs.published import Published
from forecast_pipeline.runs.run_names import content_of
from local_aws.command.out_folder import PUBLISHED_FILES
from local_aws.embedded.deployment import Deployment
from local_aws.upload.upload import BucketUpload

INPUT_PREFIXES = ("train/", "related/", "metadata/")
PARAMETER_FILE = "params.json"  # the template's default
SECONDS_TO_START = 60
POLL_SECONDS = 0.1
SECONDS_BETWEEN_LOOKS = 0.5  # at the steps, which takes ten times what the status takes


class RunError(Exception):
    """The pipeline did not publish a forecast; the message is the cause it gives."""


@dataclass
class Step:
    """A state of the execution: when it was entered and left, and the batches of shards its jobs ran in a map."""

    name: str
    entered: datetime
    left: datetime | None = None
    batches_done: int = 0
    batches: int = 0


@dataclass
class Execution:
    """What is known of an execution so far; `published` once it has succeeded."""

    arn: str
    status: str
    steps: list[Step] = field(default_factory=list)
    published: Published | None = None
    cause: str = ""

    @property
    def run_id(self) -> str:
        """The run's id, which is the execution's name."""
        return self.arn.rsplit(":", 1)[1]


class Pipeline:
    """The pipeline of a deployment."""

    def __init__(self, deployment: Deployment) -> None:
        """Nothing is read or written yet."""
        self.bucket = deployment.outputs["ForecastBucketName"]
        self.machine_arn = deployment.outputs["StateMachineArn"]
        self.job_machine_arn = deployment.outputs["JobStateMachineArn"]
        self.s3 = deployment.client("s3")
        self.step_functions = deployment.client("stepfunctions")
        self._batches_of_ended: dict[tuple[str, bool], tuple[int, int]] = {}  # of a job: what no longer changes

    def require_idle(self) -> None:
        """RunError if a run is under way: new files would change what it reads."""
        running = self._executions(statusFilter="RUNNING")
        if running:
            raise RunError(said("run {run} is under way here; wait for its end", run=running[0]["name"]))

    def run_ids(self) -> set[str]:
        """Every run there was."""
        return {execution["name"] for execution in self._executions()}

    def start(self, upload: BucketUpload) -> str:
        """Replace the input files of the bucket, the target last since its arrival starts the run; gives its ARN.

        The same content as in the run before starts nothing if that succeeded; then it is the answer.
        """
        known = {execution["executionArn"] for execution in self._executions()}
        for prefix in INPUT_PREFIXES:
            for key in self._keys(prefix):
                self.s3.delete_object(Bucket=self.bucket, Key=key)
        for key, content in upload.objects:
            if isinstance(content, Path):
                self.s3.upload_file(str(content), self.bucket, key)
            else:
                self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        found = read_content(self.s3, self.bucket, PARAMETER_FILE).with_md5(self.s3, self.bucket)
        return self._execution_over(found.fingerprint, known)

    def _execution_over(self, fingerprint: str, known: set[str]) -> str:
        """The execution that is new since `known`, or the newest that succeeded if it is over the same content."""
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            executions = self._executions()
            new = [each for each in executions if each["executionArn"] not in known]
            newest_success = [each for each in executions if each["status"] == "SUCCEEDED"][:1]
            for execution in (*new, *newest_success):
                if content_of(execution["name"]) == fingerprint:
                    arn: str = execution["executionArn"]
                    return arn
            time.sleep(POLL_SECONDS)
        raise RunError(
            said(
                "the files are in {bucket}, and no run started within {seconds} s",
                bucket=self.bucket,
                seconds=SECONDS_TO_START,
            )
        )

    def follow(self, arn: str, show: Callable[[Execution], None]) -> Execution:
        """Show the execution as it changes, until it has ended."""
        looked = float("-inf")
        while True:
            ended = self.step_functions.describe_execution(executionArn=arn)["status"] != "RUNNING"
            if ended or time.monotonic() - looked >= SECONDS_BETWEEN_LOOKS:
                execution = self.execution(arn)
                show(execution)
                if execution.status != "RUNNING":
                    return execution
                looked = time.monotonic()
            time.sleep(POLL_SECONDS)

    def execution(self, arn: str) -> Execution:
        """The execution as it is now."""
        description = self.step_functions.describe_execution(executionArn=arn)
        execution = Execution(arn, description["status"], cause=description.get("cause", ""))
        if execution.status == "SUCCEEDED":
            execution.published = Published.model_validate(json.loads(description["output"])["Published"])
        execution.steps = list(self._steps(arn))
        self._count_batches(execution)
        return execution

    def download(self, run_id: str, folder: Path) -> None:
        """Fetch what the run published into a folder that is there."""
        for name in PUBLISHED_FILES:
            key = f"history/clean/{run_id}/{name}"
            try:
                self.s3.download_file(self.bucket, key, str(folder / name))
            except ClientError as error:
                if error.response["Error"]["Code"] != "404":
                    raise
                parts = S3Location(self.bucket, f"{key}/").files(self.s3)  # of a file that is too large
                join_parts(self.s3, [FileRange.whole(each) for each in parts], folder / name)

    def _executions(self, **filters: str) -> list[dict[str, Any]]:
        pages = self.step_functions.get_paginator("list_executions").paginate(
            stateMachineArn=self.machine_arn, **filters
        )
        return [execution for page in pages for execution in page["executions"]]

    def _keys(self, prefix: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def _steps(self, arn: str) -> Iterator[Step]:
        step: Step | None = None
        pages = self.step_functions.get_paginator("get_execution_history").paginate(
            executionArn=arn, includeExecutionData=False, PaginationConfig={"PageSize": 1000}
        )
        for event in (event for page in pages for event in page["events"]):
            if "stateEnteredEventDetails" in event and event["type"].startswith("Task"):
                step = Step(event["stateEnteredEventDetails"]["name"], event["timestamp"])
                yield step
            elif "stateExitedEventDetails" in event and step is not None:
                step.left = step.left or event["timestamp"]

    def _count_batches(self, execution: Execution) -> None:
        """Add to each step the batches of the jobs that started while it was the current one."""
        if not execution.steps:
            return
        jobs = self.step_functions.list_executions(stateMachineArn=self.job_machine_arn)["executions"]
        for job in jobs:
            steps = [step for step in execution.steps if step.entered <= job["startDate"]]
            if steps and (steps[-1].left is None or job["startDate"] <= steps[-1].left):
                done, total = self._batches(job, running_too=steps[-1].left is None)
                steps[-1].batches_done += done
                steps[-1].batches += total

    def _batches(self, job: Any, running_too: bool) -> tuple[int, int]:
        """The batches of a job that have succeeded, and all; of its map runs that have ended, or of all."""
        key = job["executionArn"], running_too
        if key in self._batches_of_ended:
            return self._batches_of_ended[key]
        done = total = 0
        for run in self.step_functions.list_map_runs(executionArn=job["executionArn"])["mapRuns"]:
            described = self.step_functions.describe_map_run(mapRunArn=run["mapRunArn"])
            if running_too or described["status"] != "RUNNING":  # what follows of itself, such as an explanation
                counts: Any = described["itemCounts"]
                done += counts["succeeded"]
                total += counts["total"]
        if job["status"] != "RUNNING":
            self._batches_of_ended[key] = done, total
        return done, total
