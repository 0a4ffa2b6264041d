"""What happens on an embedded AWS that is up: runs that start and end, and mails, told as they come."""

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from forecast_language import said
from local_aws.embedded.deployment import Deployment

QUEUE = "almanac-up-tells"
SECONDS_TO_WAIT = 5  # for the next message


class News:
    """A queue of its own that hears of both; the mails lie in a folder for as long as the block lasts."""

    def __init__(self, deployment: Deployment) -> None:
        self._sqs, self._sns = deployment.client("sqs"), deployment.client("sns")
        self._events = deployment.client("events")
        self._machines = {
            deployment.outputs["StateMachineArn"]: said("run"),
            deployment.outputs["PreparationStateMachineArn"]: said("preparation"),
        }
        self._folder = tempfile.TemporaryDirectory(prefix="almanac-mails-")
        self._mails = 0
        self._url = self._sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]
        self._subscribe(deployment, attributes["QueueArn"])

    def _subscribe(self, deployment: Deployment, queue: str) -> None:
        allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        subscription = self._sns.subscribe(
            TopicArn=deployment.outputs["TopicArn"], Protocol="sqs", Endpoint=queue, ReturnSubscriptionArn=True
        )
        self._subscription = subscription["SubscriptionArn"]
        pattern = {
            "source": ["aws.states"],
            "detail-type": ["Step Functions Execution Status Change"],
            "detail": {"stateMachineArn": list(self._machines)},
        }
        self._events.put_rule(Name=QUEUE, EventPattern=json.dumps(pattern))
        self._events.put_targets(Rule=QUEUE, Targets=[{"Id": "queue", "Arn": queue}])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing of it in the account, which may be kept."""
        self._folder.cleanup()
        with contextlib.suppress(BotoCoreError, ClientError):  # the embedded AWS may be what has ended
            self._sns.unsubscribe(SubscriptionArn=self._subscription)
            self._events.remove_targets(Rule=QUEUE, Ids=["queue"])
            self._events.delete_rule(Name=QUEUE)
            self._sqs.delete_queue(QueueUrl=self._url)

    def next(self) -> list[str]:
        """A sentence for each thing that has happened; none where nothing has for some seconds."""
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=SECONDS_TO_WAIT)
        sentences = []
        for message in answer.get("Messages", []):
            sentences.append(self._sentence(json.loads(message["Body"])))
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return sentences

    def _sentence(self, body: dict[str, Any]) -> str:
        if body.get("Type") == "Notification":
            return self._mail(body.get("Subject") or said("no subject"), body["Message"])
        detail = body["detail"]
        what, name = self._machines.get(detail["stateMachineArn"]) or said("execution"), detail["name"]
        if detail["status"] == "RUNNING":
            return said("{what} {name} started", what=what, name=name)
        took, ended = (detail["stopDate"] - detail["startDate"]) / 1000, _end(detail["status"])
        return said("{what} {name} {ended} after {seconds:.0f} s", what=what, name=name, ended=ended, seconds=took)

    def _mail(self, subject: str, text: str) -> str:
        self._mails += 1
        file = Path(self._folder.name) / f"{self._mails}.txt"
        file.write_text(f"{subject}\n\n{text}\n", encoding="utf-8")
        return said("mail: {subject}  ({file})", subject=subject, file=file)


def _end(status: str) -> str:
    """What became of an execution."""
    ends = {
        "SUCCEEDED": said("succeeded"),
        "FAILED": said("failed"),
        "TIMED_OUT": said("timed out"),
        "ABORTED": said("was stopped"),
    }
    return ends.get(status, status)
