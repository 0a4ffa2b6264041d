"""Say by SNS how the run ended; in states Notify and NotifyFailure."""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline.notification import notification

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    mail = notification(event)
    answer = boto3.client("sns").publish(TopicArn=os.environ["TOPIC_ARN"], Subject=mail.subject, Message=mail.text)
    logger.info("Notified", extra={"subject": mail.subject, "run": event["Run"]["Id"]})
    return {"MessageId": answer["MessageId"], "Subject": mail.subject, "Error": mail.error, "Cause": mail.cause}
