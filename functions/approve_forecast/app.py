"""Ask a person whether a forecast may become the latest one, and take the answer.

The state machine calls it with a task token and waits: a mail goes out with a link that approves and one that holds
back. The links lead to this function's URL. To open one shows a page; its button decides, once.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from forecast_pipeline.approval import page
from forecast_pipeline.approval.waiting import Decision, Waiting, find, forget, keep, link
from forecast_pipeline.forecast_resources import passing_errors
from forecast_pipeline.notification import approval_mail
from forecast_pipeline.runs.run_document import WithPublished

OVER = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}
DECISIONS: dict[str, Decision] = {"approve": "approve", "hold": "hold"}
logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """An event of the state machine has TaskToken and Document; any other is one of the function's URL."""
    if "TaskToken" in event:
        return _ask(event["TaskToken"], WithPublished.model_validate(event["Document"]))
    asked = event.get("queryStringParameters") or {}
    method, decision = event["requestContext"]["http"]["method"], DECISIONS.get(asked.get("decision", ""))
    return _answer(method, asked.get("key", ""), decision)


def _ask(token: str, document: WithPublished) -> dict[str, Any]:
    """Send the mail; the state machine waits on until the button calls."""
    approval = document.Published.Approval
    if approval is None:
        raise ValueError("Published.Approval: found none, wanted how long to wait")
    until = datetime.now(UTC) + timedelta(seconds=approval.Seconds)
    waiting = Waiting(Run=document.Run.Id, Forecast=document.Names.Forecast, Until=until, TaskToken=token)
    secret = keep(boto3.client("s3"), document.Run.Bucket, waiting)
    mail = approval_mail(document, until, link(approval.Url, secret, "approve"), link(approval.Url, secret, "hold"))
    sent = boto3.client("sns").publish(TopicArn=os.environ["TOPIC_ARN"], Subject=mail.subject, Message=mail.text)
    logger.info("Asked for approval", extra={"run": document.Run.Id, "until": until.isoformat()})
    return {"MessageId": sent["MessageId"]}


def _answer(method: str, secret: str, decision: Decision | None) -> dict[str, Any]:
    s3, bucket = boto3.client("s3"), os.environ["DATA_BUCKET"]
    waiting = find(s3, bucket, secret) if decision else None
    if decision is None or waiting is None or waiting.Until <= datetime.now(UTC):
        return page.over()
    if method != "POST":  # programs that look through mails open links, and press no buttons
        return page.asking(waiting, decision)
    output = json.dumps({"Approved": decision == "approve"})
    try:
        boto3.client("stepfunctions").send_task_success(taskToken=waiting.TaskToken, output=output)
    except ClientError as error:
        if error.response["Error"]["Code"] not in OVER:
            raise
        forget(s3, bucket, secret)
        return page.over()
    forget(s3, bucket, secret)
    logger.info("Decided", extra={"run": waiting.Run, "decision": decision})
    return page.decided(waiting, decision)
