"""What the user of a deployed stack does: drop files into the bucket, and wait for the run and its mail."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_aws.embedded.deployment import Deployment

PROJECT = Path(__file__).parent.parent.parent
SECONDS_FOR_A_RUN = 180
INPUT_PREFIXES = ("train/", "related/", "metadata/")


class Stack:
    """The deployed stack as its user sees it: buckets, executions, the service, and a mail box."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.bucket = deployment.outputs["ForecastBucketName"]
        self.machine_arn = deployment.outputs["StateMachineArn"]
        self.s3, self.states = deployment.client("s3"), deployment.client("stepfunctions")
        self.forecast = deployment.client("forecast")
        self.queue = deployment.client("sqs")
        self.mail_box = self.queue.create_queue(QueueName="mail-box")["QueueUrl"]
        asked = self.queue.get_queue_attributes(QueueUrl=self.mail_box, AttributeNames=["QueueArn"])
        queue_arn = asked["Attributes"]["QueueArn"]
        mails = {"Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queue_arn}
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **mails}]}
        self.queue.set_queue_attributes(QueueUrl=self.mail_box, Attributes={"Policy": json.dumps(policy)})
        deployment.client("sns").subscribe(TopicArn=deployment.outputs["TopicArn"], Protocol="sqs", Endpoint=queue_arn)

    def drop(self, parameters: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
        """Replace the input by these objects, the parameters first; gives the run they start, once it has ended."""
        for prefix in INPUT_PREFIXES:
            for key in self.keys(prefix):
                self.s3.delete_object(Bucket=self.bucket, Key=key)
        known = self.run_names()
        self.s3.put_object(Bucket=self.bucket, Key="params.json", Body=json.dumps(parameters).encode())
        for key, content in files.items():
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)
        name = eventually(lambda: next(iter(self.run_names() - known), None))
        return self.ended(name)

    def send_start_event(self, identifier: str) -> dict[str, Any]:
        """Deliver the event of a file's arrival once more, as EventBridge may; gives what start_pipeline answered."""
        batch = json.loads((PROJECT / "events" / "start_pipeline.json").read_text())
        event = json.loads(batch["Records"][0]["body"])
        event["id"] = identifier
        event["detail"]["bucket"]["name"] = self.bucket
        event["detail"]["object"]["key"] = self.keys("train/")[0]
        answer = self.deployment.client("lambda").invoke(
            FunctionName=self.deployment.outputs["StartPipelineFunctionName"], Payload=json.dumps(event)
        )
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        return result

    def looks(self) -> int:
        """How often start_pipeline looked at the bucket so far, by its log."""
        logs = self.deployment.client("logs")
        (group,) = logs.describe_log_groups(logGroupNamePrefix="/almanac/")["logGroups"]
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        return sum('"message":"Pipeline"' in event["message"] for page in pages for event in page["events"])

    def ended(self, name: str) -> dict[str, Any]:
        """The execution of this name, once it has ended."""
        arn = f"{self.machine_arn.replace(':stateMachine:', ':execution:')}:{name}"

        def description() -> dict[str, Any] | None:
            execution = self.states.describe_execution(executionArn=arn)
            return execution if execution["status"] != "RUNNING" else None

        return eventually(description)

    def run_names(self) -> set[str]:
        """The names of all runs so far."""
        executions = self.states.list_executions(stateMachineArn=self.machine_arn)["executions"]
        return {execution["name"] for execution in executions}

    def keys(self, prefix: str) -> list[str]:
        """Keys of the data bucket under the prefix."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def text(self, key: str) -> str:
        """An object of the data bucket."""
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode()

    def latest(self) -> dict[str, str]:
        """Everything that is published as the latest forecast."""
        return {key: self.text(key) for prefix in ("latest/", "quicksight/") for key in self.keys(prefix)}

    def mail(self) -> dict[str, str]:
        """The next mail: Subject and Message."""

        def received() -> dict[str, Any] | None:
            messages = self.queue.receive_message(QueueUrl=self.mail_box, WaitTimeSeconds=0).get("Messages", [])
            return messages[0] if messages else None

        message = eventually(received)
        self.queue.delete_message(QueueUrl=self.mail_box, ReceiptHandle=message["ReceiptHandle"])
        mail: dict[str, str] = json.loads(message["Body"])
        return mail

    def no_mail(self) -> bool:
        """Whether the mail box is empty."""
        return not self.queue.receive_message(QueueUrl=self.mail_box).get("Messages")


def eventually(answer: Callable[[], Any]) -> Any:
    """What `answer` gives once it gives something."""
    end = time.monotonic() + SECONDS_FOR_A_RUN
    while time.monotonic() < end:
        found = answer()
        if found is not None:
            return found
        time.sleep(0.2)
    pytest.fail("it did not happen")
