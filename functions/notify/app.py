"""Say by SNS how the run ended; in states Notify and NotifyFailure."""

import os
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline.notification import failure_mail, success_mail
from forecast_pipeline.runs.run_document import EndedRun, WithPublished

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    run = EndedRun.model_validate(event)
    mail = failure_mail(run) if run.Problem or run.Failure else success_mail(WithPublished.model_validate(event))
    answer = boto3.client("sns").publish(TopicArn=os.environ["TOPIC_ARN"], Subject=mail.subject, Message=mail.text)
    logger.info("Notified", extra={"subject": mail.subject, "run": run.Run.Id})
    return {"MessageId": answer["MessageId"], "Subject": mail.subject, "Error": mail.error, "Cause": mail.cause}
