"""Datasets and dataset groups that this pipeline made and no longer uses: which of them may go."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from forecast_pipeline.forecast_resources import find
from forecast_pipeline.retention.run_resources import UNPUBLISHED_FOR, Resource, listed, resource_of, tags_of
from forecast_pipeline.runs.run_document import WithDatasets
from forecast_pipeline.runs.run_names import PIPELINE_TAG, is_as_of, run_of

if TYPE_CHECKING:
    from mypy_boto3_forecast import ForecastServiceClient


def datasets_made_by_run(client: "ForecastServiceClient", document: WithDatasets) -> Iterator[tuple[Resource, ...]]:
    """The dataset group, then the datasets, if this run created them. A group that stays keeps its datasets."""
    began, run = document.Run.started_at, document.Run.Id
    group = document.Arns.DatasetGroupArn
    description = find(client.describe_dataset_group, DatasetGroupArn=group)
    if description is not None and description["CreationTime"] >= began:
        yield (resource_of(group, run, description, partial(client.delete_dataset_group, DatasetGroupArn=group)),)
    if find(client.describe_dataset_group, DatasetGroupArn=group) is not None:
        return
    datasets = []
    for arn in document.Arns.DatasetArns.values():
        description = find(client.describe_dataset, DatasetArn=arn)
        if description is not None and description["CreationTime"] >= began:
            datasets.append(resource_of(arn, run, description, partial(client.delete_dataset, DatasetArn=arn)))
    yield tuple(datasets)


def unused_datasets(client: "ForecastServiceClient", document: WithDatasets) -> Iterator[tuple[Resource, ...]]:
    """The dataset groups, then the datasets, that this pipeline made under names that params.json no longer has.

    Only those in which nothing is left: a group without predictors, a dataset without imports that is in no group. What
    a run as of an old date made may be about to be filled, and goes UNPUBLISHED_FOR after it.
    """
    began = document.Run.started_at
    for level in (_unused_groups(client, document), _unused_datasets(client, document)):
        yield tuple(each for each in level if not _may_be_filled(each, began))


def _may_be_filled(resource: Resource, now: datetime) -> bool:
    run = run_of(resource.arn)
    return run is not None and is_as_of(run) and resource.created > now - UNPUBLISHED_FOR


def _unused_groups(client: "ForecastServiceClient", document: WithDatasets) -> Iterator[Resource]:
    used = {each["DatasetGroupArn"] for each in listed(client, "list_predictors", "Predictors")}
    used.add(document.Arns.DatasetGroupArn)
    for group in listed(client, "list_dataset_groups", "DatasetGroups"):
        arn = group["DatasetGroupArn"]
        if arn in used or tags_of(client, arn).get(PIPELINE_TAG) != document.Run.Bucket:
            continue
        if description := find(client.describe_dataset_group, DatasetGroupArn=arn):
            delete = partial(client.delete_dataset_group, DatasetGroupArn=arn)
            yield resource_of(arn, document.Run.Id, description, delete)


def _unused_datasets(client: "ForecastServiceClient", document: WithDatasets) -> Iterator[Resource]:
    jobs = listed(client, "list_dataset_import_jobs", "DatasetImportJobs")
    with_imports = {each["DatasetImportJobArn"].rsplit("/", 2)[1] for each in jobs}
    unused = [
        each["DatasetArn"]
        for each in listed(client, "list_datasets", "Datasets")
        if each["DatasetName"] not in with_imports
        and each["DatasetArn"] not in document.Arns.DatasetArns.values()
        and tags_of(client, each["DatasetArn"]).get(PIPELINE_TAG) == document.Run.Bucket
    ]
    in_groups = _datasets_in_groups(client) if unused else set()
    for arn in unused:
        if arn not in in_groups and (description := find(client.describe_dataset, DatasetArn=arn)):
            yield resource_of(arn, document.Run.Id, description, partial(client.delete_dataset, DatasetArn=arn))


def _datasets_in_groups(client: "ForecastServiceClient") -> set[str]:
    """The service deletes a dataset out of a group; somebody's group must not lose it."""
    arns: set[str] = set()
    for group in listed(client, "list_dataset_groups", "DatasetGroups"):
        description = find(client.describe_dataset_group, DatasetGroupArn=group["DatasetGroupArn"])
        arns.update(description["DatasetArns"] if description else ())
    return arns
