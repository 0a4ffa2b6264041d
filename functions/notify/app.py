"""Say by SNS how a run ended, in states Notify and NotifyFailure; or a preparation, in its own two."""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline.notification import Notification, failure_mail, success_mail
from forecast_pipeline.preparation.mail import preparation_mail
from forecast_pipeline.preparation.preparation_document import EndedPreparation
from forecast_pipeline.runs.run_document import EndedRun, WithPublished

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    mail = _mail(event)
    answer = boto3.client("sns").publish(TopicArn=os.environ["TOPIC_ARN"], Subject=mail.subject, Message=mail.text)
    logger.info("Notified", extra={"subject": mail.subject})
    return {"MessageId": answer["MessageId"], "Subject": mail.subject, "Error": mail.error, "Cause": mail.cause}


def _mail(event: dict[str, Any]) -> Notification:
    """The mail about a run of the pipeline, or about a preparation of raw data."""
    if "Raw" in event:
        return preparation_mail(EndedPreparation.model_validate(event))
    run = EndedRun.model_validate(event)
    return failure_mail(run) if run.Problem or run.Failure else success_mail(WithPublished.model_validate(event))
