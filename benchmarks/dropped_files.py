"""How many invocations and lists a drop of many files costs, and that it starts one run.

The files go into the data bucket of a fresh embedded AWS one after the other, from several threads. Counted is what
happens until the queue of start_pipeline is empty and nothing is at work; the run itself is not waited for.

    python benchmarks/dropped_files.py [--files 10000] [--slots 0]
"""

import argparse
import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from local_aws.embedded.deployment import Deployment, deploy
from local_aws.embedded.launcher import embedded_aws

PROJECT = Path(__file__).parents[1]
PARAMETERS = json.loads((PROJECT / "samples" / "fruit_shop" / "params.json").read_text())
THREADS = 4
ROWS = "".join(f"2024-{month:02}-01,item_{{}},{month}\n" for month in range(1, 13))


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--files", type=int, default=10_000)
    given.add_argument("--slots", type=int, default=0, help="of the account; with some of them all is at AWS's pace")
    options = given.parse_args()
    with embedded_aws(slots=options.slots) as endpoint:
        deployment = deploy(endpoint, PROJECT / "template.yaml")
        with lists_counted(deployment) as lists:
            seconds = drop(deployment, options.files)
            print(f"{options.files} files in {seconds:.0f} s, QuietSeconds {PARAMETERS['Pipeline']['QuietSeconds']}")
            waited = settle(deployment)
        done = f"{runs(deployment)} run, {invocations(deployment)} invocations, {len(lists)} lists"
        print(f"{waited:.0f} s later: {done}")


@contextlib.contextmanager
def lists_counted(deployment: Deployment) -> Iterator[list[str]]:
    """Lead what start_pipeline gets from S3 through here; gives the lists (of 1,000 keys each) among it."""
    lists: list[str] = []

    class Through(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            lists.extend([self.path] if "list-type=2" in self.path else [])
            asked = urllib.request.Request(deployment.endpoint + self.path, headers=dict(self.headers))  # noqa: S310
            try:
                with urllib.request.urlopen(asked) as found:  # noqa: S310
                    self.answer(found.status, found.headers, found.read())
            except urllib.error.HTTPError as refused:
                self.answer(refused.code, refused.headers, refused.read())

        def answer(self, status: int, headers: Message, body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Through) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        functions, name = deployment.client("lambda"), deployment.outputs["StartPipelineFunctionName"]
        variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        variables["AWS_ENDPOINT_URL_S3"] = f"http://127.0.0.1:{server.server_port}"
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        yield lists
        server.shutdown()


def drop(deployment: Deployment, count: int) -> float:
    """Put params.json and the files; gives the seconds that the files took."""
    s3, bucket = deployment.client("s3"), deployment.outputs["ForecastBucketName"]
    s3.put_object(Bucket=bucket, Key="params.json", Body=json.dumps(PARAMETERS).encode())

    def put(number: int) -> None:
        s3.put_object(Bucket=bucket, Key=f"train/{number:05}.csv", Body=ROWS.replace("{}", str(number)).encode())

    start = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(put, range(count)))
    return time.monotonic() - start


def settle(deployment: Deployment) -> float:
    """Wait until the queue holds nothing, neither visible nor at work; gives the seconds it took."""
    queues = deployment.client("sqs")
    (url,) = (each for each in queues.list_queues()["QueueUrls"] if "TrainEvents" in each)
    start = time.monotonic()
    while True:
        found = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        if not any(int(found[name]) for name in names):
            return time.monotonic() - start
        time.sleep(0.2)


def runs(deployment: Deployment) -> int:
    """How many runs there are."""
    machine_arn = deployment.outputs["StateMachineArn"]
    return len(deployment.client("stepfunctions").list_executions(stateMachineArn=machine_arn)["executions"])


def invocations(deployment: Deployment) -> int:
    """How often start_pipeline looked, by its log: a line each time."""
    logs = deployment.client("logs")
    (group,) = (each["logGroupName"] for each in logs.describe_log_groups(logGroupNamePrefix="/almanac/")["logGroups"])
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    return sum('"message":"Pipeline"' in event["message"] for page in pages for event in page["events"])


if __name__ == "__main__":
    main()
