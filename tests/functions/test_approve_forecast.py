"""approve_forecast: a mail with two links, a page that decides nothing, and a button that decides once."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from forecast_pipeline import ServiceUnreachable

URL = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws/"
BUCKET = "almanac-data"
APPROVE, HOLD = "approve", "hold"


class States:
    """Step Functions: the decisions it was sent, and what it says to the next."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.refusal = ""

    def send_task_success(self, taskToken: str, output: str) -> None:  # noqa: N803 - boto3's own
        if self.refusal:
            raise ClientError({"Error": {"Code": self.refusal, "Message": "no"}}, "SendTaskSuccess")
        self.sent.append((taskToken, json.loads(output)))


class Approval:
    """The function, the mail it sent, and who opens its links."""

    def __init__(self, handler: Callable[..., Any], context: SimpleNamespace, states: States) -> None:
        self.handler, self.context, self.states = handler, context, states

    def ask(self, document: dict[str, Any]) -> dict[str, str]:
        """Let the state machine ask; gives the links of the mail by what they decide."""
        self.handler({"TaskToken": "the token", "Document": document}, self.context)
        links = re.findall(r"https://\S+", self.mail["Message"])
        return {parse_qs(urlsplit(each).query)["decision"][0]: each for each in links}

    @property
    def mail(self) -> dict[str, str]:
        (topic,) = sns_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].topics.values()
        message, subject = topic.sent_notifications[-1][1:3]
        return {"Message": message, "Subject": subject}

    def open(self, link: str, method: str = "GET") -> tuple[int, str]:
        """Status and page of a link."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        http = {"method": method, "path": "/"}
        event = {"version": "2.0", "requestContext": {"http": http}, "queryStringParameters": asked or None}
        answer = self.handler(event, self.context)
        assert answer["headers"]["Cache-Control"] == "no-store"
        return answer["statusCode"], answer["body"]


@pytest.fixture
def approval(
    aws_environment: None,
    load_function: Callable[[str], ModuleType],
    lambda_context: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    states, client = States(), boto3.client
    with mock_aws():
        client("s3").create_bucket(Bucket=BUCKET)
        monkeypatch.setenv("DATA_BUCKET", BUCKET)
        monkeypatch.setenv("TOPIC_ARN", client("sns").create_topic(Name="mails")["TopicArn"])
        module = load_function("approve_forecast")
        monkeypatch.setattr(boto3, "client", lambda name: states if name == "stepfunctions" else client(name))
        yield Approval(module.lambda_handler, lambda_context, states)


@pytest.fixture
def document(load_event: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """A run that waits for an hour."""
    event = load_event("notify")
    event["Published"] |= {"HeldBack": ["nobody has approved it"], "Approval": {"Seconds": 3600, "Url": URL}}
    return event


def test_the_mail_says_what_waits_until_when_and_has_both_links(approval: Approval, document: dict[str, Any]) -> None:
    links = approval.ask(document)
    assert links.keys() == {APPROVE, HOLD}
    assert all(each.startswith(URL) for each in links.values())
    assert approval.mail["Subject"].startswith("Forecast waits for approval: electricity, 31% better")
    first, *_ = approval.mail["Message"].splitlines()
    until = datetime.now(UTC) + timedelta(hours=1)
    assert first.startswith(f"The forecast of run 9f3c1a2b7d waits for your approval until {until:%Y-%m-%d} ")
    assert "average weighted quantile loss" in approval.mail["Message"]
    assert "is held back: nobody" not in approval.mail["Message"]


@pytest.mark.parametrize("decision", [APPROVE, HOLD])
def test_opening_a_link_decides_nothing_and_its_button_decides_once(
    approval: Approval, document: dict[str, Any], decision: str
) -> None:
    links = approval.ask(document)
    for method in ("GET", "HEAD", "GET"):  # a program that looks through mails, and then a person
        status, body = approval.open(links[decision], method)
        assert status == 200
        assert "<form method=post><button>" in body
    assert approval.states.sent == []
    assert approval.open(links[decision], "POST")[0] == 200
    assert approval.states.sent == [("the token", {"Approved": decision == APPROVE})]
    for again in (APPROVE, HOLD):
        assert approval.open(links[again], "POST")[0] == 410
        assert approval.open(links[again])[0] == 410
    assert len(approval.states.sent) == 1


def test_a_key_that_nobody_was_sent_leads_nowhere(approval: Approval, document: dict[str, Any]) -> None:
    link = approval.ask(document)[APPROVE]
    (secret,) = parse_qs(urlsplit(link).query)["key"]
    (stored,) = boto3.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert len(secret) == 43
    assert secret not in stored["Key"]
    hashed = stored["Key"].removeprefix("tmp/approvals/").removesuffix(".json")
    for wrong in (secret[:-1] + ("A" if secret[-1] != "A" else "B"), hashed, "", "../" + secret):
        assert approval.open(link.replace(secret, wrong), "POST")[0] == 410
    assert approval.open(link.replace("approve", "delete"), "POST")[0] == 410
    assert approval.open(URL, "POST")[0] == 410
    assert approval.states.sent == []


@pytest.mark.parametrize("refusal", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_wait_that_is_over_takes_no_decision(approval: Approval, document: dict[str, Any], refusal: str) -> None:
    link = approval.ask(document)[APPROVE]
    approval.states.refusal = refusal
    assert approval.open(link, "POST")[0] == 410
    document["Published"]["Approval"]["Seconds"] = 0
    assert approval.open(approval.ask(document)[APPROVE])[0] == 410


def test_a_decision_that_step_functions_could_not_take_can_be_made_again(
    approval: Approval, document: dict[str, Any]
) -> None:
    link = approval.ask(document)[APPROVE]
    approval.states.refusal = "ThrottlingException"
    with pytest.raises(ServiceUnreachable):
        approval.open(link, "POST")
    approval.states.refusal = ""
    assert approval.open(link, "POST")[0] == 200


def test_what_a_page_shows_of_a_run_is_text(approval: Approval, document: dict[str, Any]) -> None:
    document["Names"]["Forecast"] = "<script>alert(1)</script>"
    _, body = approval.open(approval.ask(document)[APPROVE])
    assert "<script>" not in body
    assert "&lt;script&gt;" in body
