"""Runs of Glue jobs on local Spark, and `glue:startJobRun` of Step Functions.

ministack calls a Spark job SUCCEEDED at once where Docker has no image of Glue. Here the job's own script runs as is:
Spark finds `s3://` addresses through Hadoop's ViewFS, which shows each bucket as the gateway's folder of its name.
"""

import json
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from ministack.services import glue, stepfunctions

from local_aws.embedded.glue.spark import (
    DEFAULT_GLUE_VERSION,
    SparkMissingError,
    as_options,
    installed_spark,
    last_sentence,
    process_environment,
    submission,
)

Document = dict[str, Any]
START_JOB_RUN = "arn:aws:states:::glue:startJobRun"
RUNNING_STATES = ("STARTING", "RUNNING", "STOPPING")
FOR_GLUE_ITSELF = ("--enable-", "--job-", "--extra-", "--TempDir", "--conf", "--additional-", "--continuous-log-")
SECONDS_BETWEEN_LOOKS = 0.1

_one_spark = threading.Semaphore(1)  # a JVM of 1 GB: one job at a time on a laptop


class DockerStandIn:
    """What ministack asks of Docker before it would run a Spark job in a container: ours runs beside it instead."""

    class images:  # noqa: N801 - a member of Docker's client
        """Every image is there."""

        @staticmethod
        def get(image: str) -> str:
            """The image."""
            return image


def install(endpoint: str) -> None:
    """Replace what ministack does with a Spark job, and teach its Step Functions to start one. See the hooks."""
    start_any_number = glue._start_job_run

    def start_job_run(data: Document) -> Any:
        name = data.get("JobName")
        most = glue._jobs.get(name, {}).get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1)
        if sum(run["JobRunState"] in RUNNING_STATES for run in glue._job_runs.get(name, [])) >= most:
            message = f"Concurrent runs exceeded for {name}"
            return glue.error_response_json("ConcurrentRunsExceededException", message, 400)
        return start_any_number(data)

    def run_on_spark(run: Document, job: Document, _name: str, arguments: Document, script: str, _docker: Any) -> None:
        run_job(run, job, arguments, Path(script), endpoint)

    glue._get_docker = DockerStandIn
    glue._start_job_run = start_job_run
    glue._execute_spark_docker = run_on_spark
    stepfunctions._SERVICE_DISPATCH[START_JOB_RUN] = start_from_state_machine


def run_job(run: Document, job: Document, arguments: dict[str, str], script: Path, endpoint: str) -> None:
    """Run the script and leave in ``run`` how that ended: SUCCEEDED, TIMEOUT, or FAILED with the reason."""
    try:
        spark = installed_spark(job.get("GlueVersion", DEFAULT_GLUE_VERSION))
    except SparkMissingError as error:
        run.update(JobRunState="FAILED", ErrorMessage=str(error))
        return
    flat = [part for name, value in arguments.items() if not name.startswith(FOR_GLUE_ITSELF) for part in (name, value)]
    with _one_spark, tempfile.TemporaryDirectory(prefix="glue-") as folder:
        state, output = _submit(
            run, submission(spark, script, flat), process_environment(spark, Path(folder)), endpoint
        )
    message = {"FAILED": last_sentence(output), "TIMEOUT": f"Job run exceeded {run['Timeout']} minutes"}.get(state, "")
    run.update(JobRunState=state, ErrorMessage=message)


def _submit(run: Document, command: list[str], environment: dict[str, str], endpoint: str) -> tuple[str, str]:
    """The state in which the run ends, and what the script printed. Kills it when it is stopped or takes too long."""
    from local_aws.embedded.glue.s3_gateway import s3_gateway  # noqa: PLC0415 - boto3 takes half a second to load
    from local_aws.embedded.launcher import client  # noqa: PLC0415 - as above

    s3, end = client("s3", endpoint), time.monotonic() + run["Timeout"] * 60
    folder = Path(environment["SPARK_LOCAL_DIRS"])
    with s3_gateway(s3) as port, (folder / "output").open("w+") as output:
        command = [command[0], *as_options(_buckets(s3, port)), *command[1:]]
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=output, stderr=output)
        try:
            while process.poll() is None and run["JobRunState"] == "RUNNING" and time.monotonic() < end:
                time.sleep(SECONDS_BETWEEN_LOOKS)
            code = process.poll()
        finally:
            process.kill()
            process.wait()
        output.seek(0)
        text = output.read()
    if run["JobRunState"] != "RUNNING":
        return run["JobRunState"], text
    return {0: "SUCCEEDED", None: "TIMEOUT"}.get(code, "FAILED"), text


def _buckets(s3: Any, port: int) -> dict[str, str]:
    """Settings of Spark with which ``s3://BUCKET/`` is a folder of the gateway at this port."""
    mounts = {
        f"spark.hadoop.fs.viewfs.mounttable.{bucket['Name']}.linkFallback": f"webhdfs://127.0.0.1:{port}/{bucket['Name']}"
        for bucket in s3.list_buckets()["Buckets"]
    }
    return mounts | {"spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"}


def start_from_state_machine(resource: str, data: Document) -> Document:
    """`glue:startJobRun`, and with `.sync` its end: the run as GetJobRun shows it, or States.TaskFailed with that."""
    status, _, body = glue._start_job_run(data)
    answer: Document = json.loads(body)
    if status >= 400:
        raise stepfunctions._ExecutionError(f"Glue.{answer['__type']}", answer.get("message", ""))
    if not resource.endswith(".sync"):
        return answer
    while True:
        asked = {"JobName": data["JobName"], "RunId": answer["JobRunId"]}
        run: Document = json.loads(glue._get_job_run(asked)[2])["JobRun"]
        if run["JobRunState"] not in RUNNING_STATES and run["CompletedOn"]:
            return run if run["JobRunState"] == "SUCCEEDED" else _fail(run)
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _fail(run: Document) -> NoReturn:
    raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(run))
