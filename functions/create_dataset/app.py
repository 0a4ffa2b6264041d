"""Create the datasets and their dataset group; they keep their names from run to run, and so must their schemas."""

from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_language import said
from forecast_pipeline import ResourceFailed, ResourcePending, forecast_client, require_active
from forecast_pipeline.forecast_resources import Description, create_or_find, find, passing_errors, step_errors
from forecast_pipeline.runs.run_document import RunDocument
from forecast_pipeline.runs.run_names import PIPELINE_TAG, with_tags

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    document = RunDocument.model_validate(event)
    mark = {PIPELINE_TAG: document.Run.Bucket}
    dataset_arns = {dataset.DatasetName: _dataset(with_tags(dataset.as_given(), mark)) for dataset in document.Datasets}
    group_arn = _dataset_group(with_tags(document.DatasetGroup.as_given(), mark), list(dataset_arns.values()))
    return {"DatasetGroupArn": group_arn, "DatasetArns": dataset_arns}


def _dataset(request: dict[str, Any]) -> str:
    client = forecast_client()
    arn = create_or_find(client.create_dataset, request)
    description = _described(find(client.describe_dataset, DatasetArn=arn), arn)
    require_active({arn: description})
    _require_same(arn, request, description, ("Domain", "DatasetType", "DataFrequency", "Schema"))
    return arn


def _dataset_group(request: dict[str, Any], dataset_arns: list[str]) -> str:
    """The group with exactly these datasets; params.json may have got or lost one since the group was made."""
    client = forecast_client()
    arn = create_or_find(client.create_dataset_group, request | {"DatasetArns": dataset_arns})
    description = _described(find(client.describe_dataset_group, DatasetGroupArn=arn), arn)
    require_active({arn: description})
    _require_same(arn, request, description, ("Domain",))
    if set(description["DatasetArns"]) != set(dataset_arns):
        logger.info("The dataset group gets other datasets", extra={"before": description["DatasetArns"]})
        with step_errors():
            client.update_dataset_group(DatasetGroupArn=arn, DatasetArns=dataset_arns)
    return arn


def _described(description: Description | None, arn: str) -> Description:
    if description is None:
        raise ResourcePending(f"{arn} was created and cannot be described yet")
    return description


def _require_same(arn: str, request: dict[str, Any], description: Description, members: tuple[str, ...]) -> None:
    resource_type, name = arn.split(":", 5)[-1].split("/")
    for member in members:
        existing, requested = description.get(member), request.get(member)
        if existing != requested:
            raise ResourceFailed(
                said(
                    "The {type} {name} exists with another {member}: found {existing}, params.json wants {requested};"
                    " give it another name in params.json, or delete the old {type}.",
                    type=resource_type,
                    name=name,
                    member=member,
                    existing=_words(existing),
                    requested=_words(requested),
                )
            )


def _words(value: Any) -> str:
    """A schema as "timestamp timestamp, item_id string", anything else as it is."""
    if isinstance(value, dict):
        return ", ".join(f"{entry['AttributeName']} {entry['AttributeType']}" for entry in value["Attributes"])
    return str(value or said("none"))
