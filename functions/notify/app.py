"""Say by SNS how a run ended, in states Notify and NotifyFailure; or a preparation, in its own two.

Other programs are told of a run by EventBridge, before the mail goes out. A call that is repeated tells both again.
"""

import os
import platform
from dataclasses import replace
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from forecast_language import said
from forecast_pipeline.cost.sentences import amazon_sentence, used_document, used_sentence
from forecast_pipeline.cost.used import times_of_steps, used_by_run
from forecast_pipeline.forecast_events import forecast_events
from forecast_pipeline.notification import Notification, failure_mail, success_mail
from forecast_pipeline.preparation.mail import preparation_mail
from forecast_pipeline.preparation.preparation_document import EndedPreparation
from forecast_pipeline.publishing.outputs.latest_forecast import RUN_DOCUMENT, LatestForecast, history_key
from forecast_pipeline.runs.run_document import EndedRun, WithPublished

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    mail = _mail(event)
    if "Raw" not in event:
        mail = replace(mail, text=mail.text + _tell_programs(event, mail.cause))
    answer = boto3.client("sns").publish(TopicArn=os.environ["TOPIC_ARN"], Subject=mail.subject, Message=mail.text)
    logger.info("Notified", extra={"subject": mail.subject})
    return {"MessageId": answer["MessageId"], "Subject": mail.subject, "Error": mail.error, "Cause": mail.cause}


def _mail(event: dict[str, Any]) -> Notification:
    """The mail about a run of the pipeline, or about a preparation of raw data."""
    if "Raw" in event:
        return preparation_mail(EndedPreparation.model_validate(event))
    run = EndedRun.model_validate(event)
    if run.Problem or run.Failure:
        return failure_mail(run)
    document = WithPublished.model_validate(event)
    return success_mail(document, cost=_cost(document))


def _tell_programs(event: dict[str, Any], cause: str | None) -> str:
    """Put the events of a run; what the mail says where they could not be put, "" where they were."""
    told = forecast_events(EndedRun.model_validate(event), os.environ["STACK_NAME"], cause)
    try:
        answer = boto3.client("events").put_events(Entries=[each.entry() for each in told])
        refused = [each["ErrorMessage"] for each in answer["Entries"] if "ErrorCode" in each]
    except (BotoCoreError, ClientError) as error:
        refused = [str(error)]
    if not refused:
        return ""
    logger.error("Events not put", extra={"refused": refused})
    told_not = said("Other programs were not told by EventBridge: {reasons}", reasons="; ".join(refused))
    return f"\n\n{told_not}"


def _cost(document: WithPublished) -> list[str]:
    """What the run used, at which price, and Amazon Forecast's for as much; without it the mail goes out as well.

    The run's document in the history gets it, too.
    """
    if document.Run.Execution is None:
        return []
    try:
        states = boto3.client("stepfunctions")
        used = used_by_run(states, document.Run.Execution, os.environ.get("JOB_STATE_MACHINE_ARN"))
        steps = times_of_steps(states, document.Run.Execution)
    except (BotoCoreError, ClientError) as error:
        logger.warning("What the run used is not known", exc_info=True)
        return [said("What the run used is not known: {error}", error=error)]
    machine = os.environ["AWS_REGION"], platform.machine()
    return [
        used_sentence(used, *machine),
        amazon_sentence(document.forecast_points),
        *_kept(document, {"Used": used_document(used, *machine), "Steps": steps}),
    ]


def _kept(document: WithPublished, more: dict[str, Any]) -> list[str]:
    """Write what is known at the end of a run beside what made it; a sentence where that fails."""
    latest = LatestForecast(boto3.client("s3"), document.Run.Bucket)
    try:
        latest.write_document(document.Run.Id, RUN_DOCUMENT, document.as_given() | more)
    except (BotoCoreError, ClientError) as error:
        logger.warning("The run's document could not be written", exc_info=True)
        return [
            said("{key} lacks what the run used: {error}", key=history_key(document.Run.Id, RUN_DOCUMENT), error=error)
        ]
    return []
