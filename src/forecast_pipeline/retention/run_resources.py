"""The resources that runs of this pipeline made in the service, and which of them a run may delete.

A resource belongs to a run if its name ends in the run, and either it is in this pipeline's dataset group under the
name that params.json gives, or its tags name the run and the pipeline: params.json may have had other names before. All
other resources are somebody else's and stay.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from forecast_pipeline.forecast_resources import (
    WAITING,
    ResourceFailed,
    ResourcePending,
    find,
    service_code,
    step_errors,
)
from forecast_pipeline.runs.run_document import WithDatasets
from forecast_pipeline.runs.run_names import PIPELINE_TAG, RUN_TAG, content_of, is_as_of, run_name, run_of

if TYPE_CHECKING:
    from mypy_boto3_forecast import ForecastServiceClient
    from mypy_boto3_forecast.type_defs import FilterTypeDef

DELETING = {"DELETE_PENDING", "DELETE_IN_PROGRESS"}
UNPUBLISHED_FOR = timedelta(days=14)  # so long, at most, what a run without a published forecast made is kept


@dataclass(frozen=True)
class Resource:
    """One resource that a run made; ``delete`` asks the service to delete it."""

    arn: str
    run: str
    status: str
    created: datetime
    delete: Callable[[], Any]


@dataclass(frozen=True)
class RunResources:
    """The resources of all runs, level by level: a level can go when the one before it is gone."""

    levels: tuple[tuple[Resource, ...], ...]

    def of_runs(self, runs: set[str]) -> "RunResources":
        """Only what these runs made."""
        return RunResources(tuple(tuple(each for each in level if each.run in runs) for level in self.levels))

    def runs(self) -> dict[str, list[Resource]]:
        """The resources of each run."""
        runs: dict[str, list[Resource]] = {}
        for resource in (resource for level in self.levels for resource in level):
            runs.setdefault(resource.run, []).append(resource)
        return runs


def read_run_resources(client: "ForecastServiceClient", document: WithDatasets) -> RunResources:
    """Everything that runs of this document's pipeline have made, under whatever names.

    Its levels: exports; forecasts, explainabilities and monitors; predictors; imports.
    """
    maker = _Maker(client, document)
    forecasts = tuple(_forecasts(client, maker, document))
    predictors = tuple(_predictors(client, maker, document))
    explainabilities, monitors = _dependents(client, predictors)
    exports = tuple(_exports(client, forecasts, [each for each, _ in predictors]))
    imports = tuple(_imports(client, maker, document))
    on_predictors = (*forecasts, *explainabilities, *monitors)
    return RunResources((exports, on_predictors, tuple(each for each, _ in predictors), imports))


def expired_runs(resources: RunResources, document: WithDatasets, published: Container[str]) -> set[str]:
    """The runs whose resources go: all of this content with PerformDelete, and always those older than KeepRuns.

    Only runs that began before this one are counted, since a newer run over newer data may be under way. KeepRuns
    counts this run and those whose forecast was ``published``: a run that failed pushes none of these out. It goes with
    those that began before the oldest one kept, or UNPUBLISHED_FOR after it began. A run that is still making something
    stays. A run as of an old date pushes none out; it deletes what it made by itself, and goes by age where it failed.
    """
    own_content = content_of(document.Run.Id)
    runs = resources.runs()
    began = {run: min(resource.created for resource in made) for run, made in runs.items()}
    this_run_began = began.get(document.Run.Id)
    expired = {run for run in runs if content_of(run) == own_content} if document.PerformDelete else set()
    if this_run_began is None or is_as_of(document.Run.Id):
        return expired
    kept = 1
    for run in sorted((run for run in runs if began[run] < this_run_began), key=lambda run: began[run], reverse=True):
        is_too_old = kept >= document.Pipeline.KeepRuns and not is_as_of(run)
        if run in published:
            kept += 1
        elif began[run] < this_run_began - UNPUBLISHED_FOR:
            is_too_old = True
        if is_too_old and all(resource.status not in WAITING for resource in runs[run]):
            expired.add(run)
    return expired


def delete(levels: Iterable[Iterable[Resource]]) -> list[str]:
    """Delete the resources, children first, and return the ARNs of those that something else still uses.

    Raises ResourcePending until the others are gone.
    """
    in_use: list[str] = []
    for level in levels:
        going = [resource.arn for resource in level if _deleted(resource, in_use)]
        if going:
            raise ResourcePending(f"{len(going)} resources are being deleted, {going[0]} among them")
    return in_use


def _deleted(resource: Resource, in_use: list[str]) -> bool:
    """Whether the resource is being deleted. If something uses it, it stays, and its ARN is added to ``in_use``."""
    if resource.status in DELETING:
        return True
    try:
        with step_errors():
            resource.delete()
    except (ResourcePending, ResourceFailed) as error:
        if service_code(error) == "ResourceNotFoundException":  # gone since it was listed
            return False
        if service_code(error) == "ResourceInUseException":
            in_use.append(resource.arn)
            return False
        raise
    return True


def resource_of(arn: str, run: str, summary: Any, delete: Callable[[], Any]) -> Resource:
    """The resource that a summary or a description of the service is about."""
    return Resource(arn, run, summary["Status"], summary["CreationTime"], delete)


class _Maker:
    """Tells which run of this pipeline made a resource."""

    def __init__(self, client: "ForecastServiceClient", document: WithDatasets) -> None:
        self.client = client
        self.bucket = document.Run.Bucket

    def run_of(self, arn: str, resource_name: str, name: str | None) -> str | None:
        """The run, or None; ``name`` is what params.json calls such resources where this one is, None if elsewhere."""
        run = run_of(resource_name)
        if run is None or (name is not None and run_name(name, run) == resource_name):
            return run
        tags = tags_of(self.client, arn)
        is_here = name is not None or tags.get(PIPELINE_TAG) == self.bucket
        return run if is_here and tags.get(RUN_TAG) == run else None


def tags_of(client: "ForecastServiceClient", arn: str) -> dict[str, str]:
    """The tags of a resource; none if it is gone."""
    description = find(client.list_tags_for_resource, ResourceArn=arn) or {"Tags": []}
    return {tag["Key"]: tag["Value"] for tag in description["Tags"]}


def listed(client: "ForecastServiceClient", operation: Any, member: str, **filtered: str) -> Iterator[Any]:
    """The summaries that a List operation answers, for the filter key IS value if one is given."""
    filters: list[FilterTypeDef] = [{"Key": key, "Value": value, "Condition": "IS"} for key, value in filtered.items()]
    given: Any = {"Filters": filters} if filters else {}  # some operations know no filters
    with step_errors():
        for page in client.get_paginator(operation).paginate(**given):
            yield from page[member]


def _forecasts(client: "ForecastServiceClient", maker: _Maker, document: WithDatasets) -> Iterator[Resource]:
    for summary in listed(client, "list_forecasts", "Forecasts"):
        arn, is_here = summary["ForecastArn"], summary["DatasetGroupArn"] == document.Arns.DatasetGroupArn
        if run := maker.run_of(arn, summary["ForecastName"], document.Names.Forecast if is_here else None):
            yield resource_of(arn, run, summary, partial(client.delete_forecast, ForecastArn=arn))


def _predictors(
    client: "ForecastServiceClient", maker: _Maker, document: WithDatasets
) -> Iterator[tuple[Resource, bool]]:
    """Each predictor, and whether it is an auto predictor."""
    for summary in listed(client, "list_predictors", "Predictors"):
        arn, is_here = summary["PredictorArn"], summary["DatasetGroupArn"] == document.Arns.DatasetGroupArn
        if run := maker.run_of(arn, summary["PredictorName"], document.Names.Predictor if is_here else None):
            delete = partial(client.delete_predictor, PredictorArn=arn)
            yield resource_of(arn, run, summary, delete), summary.get("IsAutoPredictor", False)


def _dependents(
    client: "ForecastServiceClient", predictors: Iterable[tuple[Resource, bool]]
) -> tuple[list[Resource], list[Resource]]:
    """The explainabilities and the monitors that CreateAutoPredictor made; others were made by somebody else."""
    explainabilities, monitors = [], []
    for predictor, is_auto in predictors:
        description = (find(client.describe_auto_predictor, PredictorArn=predictor.arn) if is_auto else None) or {}
        created = {"CreationTime": predictor.created}
        if explainability := description.get("ExplainabilityInfo"):
            arn = explainability["ExplainabilityArn"]
            delete: Callable[[], Any] = partial(client.delete_explainability, ExplainabilityArn=arn)
            explainabilities.append(resource_of(arn, predictor.run, explainability | created, delete))
        if monitor := description.get("MonitorInfo"):
            arn = monitor["MonitorArn"]
            delete = partial(client.delete_monitor, MonitorArn=arn)
            monitors.append(resource_of(arn, predictor.run, monitor | created, delete))
    return explainabilities, monitors


@dataclass(frozen=True)
class _Exports:
    """A kind of export: what the service calls it, how it is listed by its parent, and how one is deleted."""

    noun: str
    operation: str
    parent_member: str
    delete: Callable[..., Any]

    def of(self, client: "ForecastServiceClient", parent: Resource) -> Iterator[Resource]:
        """Those that the run of their parent made."""
        for summary in listed(client, self.operation, f"{self.noun}s", **{self.parent_member: parent.arn}):
            if run_of(summary[f"{self.noun}Name"]) == parent.run:
                arn = summary[f"{self.noun}Arn"]
                yield resource_of(arn, parent.run, summary, partial(self.delete, **{f"{self.noun}Arn": arn}))


def _exports(
    client: "ForecastServiceClient", forecasts: Iterable[Resource], predictors: Iterable[Resource]
) -> Iterator[Resource]:
    """Those of an explainability are listed by what was explained, not by their explainability."""
    of_forecast = _Exports(
        "ForecastExportJob", "list_forecast_export_jobs", "ForecastArn", client.delete_forecast_export_job
    )
    of_backtest = _Exports(
        "PredictorBacktestExportJob",
        "list_predictor_backtest_export_jobs",
        "PredictorArn",
        client.delete_predictor_backtest_export_job,
    )
    of_explanation = _Exports(
        "ExplainabilityExport", "list_explainability_exports", "ResourceArn", client.delete_explainability_export
    )
    for forecast in forecasts:
        yield from of_forecast.of(client, forecast)
    for predictor in predictors:
        yield from of_backtest.of(client, predictor)
        yield from of_explanation.of(client, predictor)


def _imports(client: "ForecastServiceClient", maker: _Maker, document: WithDatasets) -> Iterator[Resource]:
    """A dataset's imports have its name; an import's ARN ends in the dataset's name and its own."""
    for summary in listed(client, "list_dataset_import_jobs", "DatasetImportJobs"):
        arn = summary["DatasetImportJobArn"]
        dataset = arn.rsplit("/", 2)[1]
        name = dataset if dataset in document.Arns.DatasetArns else None
        if run := maker.run_of(arn, summary["DatasetImportJobName"], name):
            yield resource_of(arn, run, summary, partial(client.delete_dataset_import_job, DatasetImportJobArn=arn))
