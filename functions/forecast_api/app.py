"""The Amazon Forecast API over HTTP: answers what boto3 and the AWS CLI send to this function's URL."""

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_service.api.aws_json import failure, fault, read_call, success
from forecast_service.api.caller import caller_of
from forecast_service.api.operations import Api
from forecast_service.api.passed_roles import PassedRoles
from forecast_service.records.arn import ArnScope
from forecast_service.records.errors import ApiError
from forecast_service.records.job_start import JobStarter
from forecast_service.records.table import Records
from forecast_service.resources.resource_kind import RequestContext

logger = Logger()
tracer = Tracer()


@cache
def api_of(arn_scope: ArnScope) -> Api:
    """The API of this function's account and region; its clients are made once per process."""
    records = Records(os.environ["RECORDS_TABLE"])
    jobs = JobStarter(boto3.client("stepfunctions"), os.environ["JOB_STATE_MACHINE_ARN"])
    only_reads = os.environ["ONLY_READS"] == "true"
    return Api(RequestContext(records, arn_scope), jobs, PassedRoles(), only_reads)


@tracer.capture_lambda_handler(capture_response=False)
@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one call (function URL event, payload 2.0). A refused call is an answer too: HTTP 400 with its reason.

    Each call is a line of the log, with who called and what for.
    """
    caller = caller_of(event)
    logger.append_keys(caller=caller.arn, account=caller.account)
    try:
        call = read_call(event)
        logger.append_keys(operation=call.target)
        answer = api_of(ArnScope.of_function(context.invoked_function_arn)).answer(call.target, call.parameters, caller)
    except ApiError as error:
        logger.info("refused", extra={"code": error.code, "reason": error.message})
        return failure(error)
    except Exception as error:  # the border to HTTP: the log tells us, the client tries again
        logger.exception("fault")
        return fault(error)
    logger.info("answered")
    return success(answer)
