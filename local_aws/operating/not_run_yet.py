"""What changed in the bucket since the newest run began, and waits for the next one."""

import json

from forecast_language import said
from forecast_pipeline.imports.imported_content import changes_since
from forecast_pipeline.runs.data_files import bytes_of, fingerprint_of
from forecast_pipeline.runs.run_document import RunHead
from forecast_pipeline.runs.run_names import is_as_of
from forecast_pipeline.runs.run_requests import DatasetImport
from local_aws.operating.stack import Stack

LOOKED_AT = 50  # executions, of which the newest may be of old dates


def changes_not_run(stack: Stack) -> str | None:
    """A sentence on parameters and files that no run was started for; None where there are none.

    Runs as of an old date count for nothing: they are over what was. Of a run that ended with a problem of its input
    it is not known what it was over.
    """
    states, s3 = stack.clients("stepfunctions"), stack.clients("s3")
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=stack.resource("ForecastPipeline"), PaginationConfig={"MaxItems": LOOKED_AT}
    )
    executions = (execution for page in pages for execution in page["executions"])
    newest = next((each for each in executions if not is_as_of(each["name"])), None)
    if newest is None:
        return None
    document = json.loads(states.describe_execution(executionArn=newest["executionArn"]).get("input", "{}"))
    if "Imports" not in document:
        return None
    run, bucket = RunHead.model_validate(document["Run"]), stack.resource("DataBucket")
    parameters = fingerprint_of((), bytes_of(s3, bucket, run.ParameterFile))
    changes = [said("{key} was replaced", key=run.ParameterFile)] if run.Parameters not in (None, parameters) else []
    jobs = [DatasetImport.model_validate(job) for job in document["Imports"]]
    changes += [each for job in jobs if (each := changes_since(s3, bucket, job))]
    return waiting_sentence(newest["name"], changes) if changes else None


def waiting_sentence(run: str, changes: list[str]) -> str:
    """What changed since a run began, and how it comes into a forecast.

    >>> waiting_sentence("9f3c", ["params.json was replaced"])
    'not run yet, since run 9f3c began: params.json was replaced; almanac run starts a run over it'
    """
    return said(
        "not run yet, since run {run} began: {changes}; almanac run starts a run over it",
        run=run,
        changes=", ".join(changes),
    )
