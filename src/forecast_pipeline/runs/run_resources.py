"""The resources that runs of this pipeline made in the service, and which of them a run may delete.

A resource belongs to a run if it is in this pipeline's dataset group and has a name that the run made (run_names). All
other resources are somebody else's and stay.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
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
from forecast_pipeline.runs.run_names import content_of, run_of

if TYPE_CHECKING:
    from mypy_boto3_forecast import ForecastServiceClient
    from mypy_boto3_forecast.type_defs import FilterTypeDef

DELETING = {"DELETE_PENDING", "DELETE_IN_PROGRESS"}


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
    """Everything that runs over this document's dataset group and datasets have made.

    Its levels: exports; forecasts, explainabilities and monitors; predictors; imports.
    """
    names, arns = document.Names, document.Arns
    forecasts = tuple(_forecasts(client, arns.DatasetGroupArn, names.Forecast))
    predictors = tuple(_predictors(client, arns.DatasetGroupArn, names.Predictor))
    explainabilities, monitors = _dependents(client, predictors)
    exports = (
        *(export for forecast in forecasts for export in _exports(client, forecast, names.Forecast)),
        *(export for each, _ in predictors for export in _backtest_exports(client, each, names.Forecast)),
        *(export for each, _ in predictors for export in _explainability_exports(client, each, names.Forecast)),
    )
    imports = tuple(job for name, arn in arns.DatasetArns.items() for job in _imports(client, arn, name))
    on_predictors = (*forecasts, *explainabilities, *monitors)
    return RunResources((exports, on_predictors, tuple(each for each, _ in predictors), imports))


def expired_runs(resources: RunResources, document: WithDatasets) -> set[str]:
    """The runs whose resources go: all of this content with PerformDelete, and always those older than KeepRuns.

    Only runs that began before this one are counted, since a newer run over newer data may be under way. A run that is
    still making something stays.
    """
    own_content = content_of(document.Run.Id)
    runs = resources.runs()
    began = {run: min(resource.created for resource in made) for run, made in runs.items()}
    this_run_began = began.get(document.Run.Id)
    expired = {run for run in runs if content_of(run) == own_content} if document.PerformDelete else set()
    if this_run_began is not None:
        older = sorted((run for run in runs if began[run] < this_run_began), key=lambda run: began[run], reverse=True)
        too_old = older[document.Pipeline.KeepRuns - 1 :]
        expired |= {run for run in too_old if all(resource.status not in WAITING for resource in runs[run])}
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


def datasets_made_by_run(client: "ForecastServiceClient", document: WithDatasets) -> Iterator[tuple[Resource, ...]]:
    """The dataset group, then the datasets, if this run created them. A group that stays keeps its datasets."""
    began, run = document.Run.started_at, document.Run.Id
    group = document.Arns.DatasetGroupArn
    description = find(client.describe_dataset_group, DatasetGroupArn=group)
    if description is not None and description["CreationTime"] >= began:
        yield (_resource(group, run, description, partial(client.delete_dataset_group, DatasetGroupArn=group)),)
    if find(client.describe_dataset_group, DatasetGroupArn=group) is not None:
        return
    datasets = []
    for arn in document.Arns.DatasetArns.values():
        description = find(client.describe_dataset, DatasetArn=arn)
        if description is not None and description["CreationTime"] >= began:
            datasets.append(_resource(arn, run, description, partial(client.delete_dataset, DatasetArn=arn)))
    yield tuple(datasets)


def _resource(arn: str, run: str, summary: Any, delete: Callable[[], Any]) -> Resource:
    return Resource(arn, run, summary["Status"], summary["CreationTime"], delete)


def _listed(client: "ForecastServiceClient", operation: Any, member: str, key: str, value: str) -> Iterator[Any]:
    """The summaries that a List operation answers for the filter key IS value."""
    filters: list[FilterTypeDef] = [{"Key": key, "Value": value, "Condition": "IS"}]
    with step_errors():
        for page in client.get_paginator(operation).paginate(Filters=filters):
            yield from page[member]


def _forecasts(client: "ForecastServiceClient", group_arn: str, name: str) -> Iterator[Resource]:
    for summary in _listed(client, "list_forecasts", "Forecasts", "DatasetGroupArn", group_arn):
        if run := run_of(summary["ForecastName"], name):
            arn = summary["ForecastArn"]
            yield _resource(arn, run, summary, partial(client.delete_forecast, ForecastArn=arn))


def _predictors(client: "ForecastServiceClient", group_arn: str, name: str) -> Iterator[tuple[Resource, bool]]:
    """Each predictor, and whether it is an auto predictor."""
    for summary in _listed(client, "list_predictors", "Predictors", "DatasetGroupArn", group_arn):
        if run := run_of(summary["PredictorName"], name):
            arn = summary["PredictorArn"]
            delete = partial(client.delete_predictor, PredictorArn=arn)
            yield _resource(arn, run, summary, delete), summary.get("IsAutoPredictor", False)


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
            explainabilities.append(_resource(arn, predictor.run, explainability | created, delete))
        if monitor := description.get("MonitorInfo"):
            arn = monitor["MonitorArn"]
            delete = partial(client.delete_monitor, MonitorArn=arn)
            monitors.append(_resource(arn, predictor.run, monitor | created, delete))
    return explainabilities, monitors


def _exports(client: "ForecastServiceClient", forecast: Resource, name: str) -> Iterator[Resource]:
    for summary in _listed(client, "list_forecast_export_jobs", "ForecastExportJobs", "ForecastArn", forecast.arn):
        if run := run_of(summary["ForecastExportJobName"], name):
            arn = summary["ForecastExportJobArn"]
            yield _resource(arn, run, summary, partial(client.delete_forecast_export_job, ForecastExportJobArn=arn))


def _backtest_exports(client: "ForecastServiceClient", predictor: Resource, name: str) -> Iterator[Resource]:
    jobs = _listed(
        client, "list_predictor_backtest_export_jobs", "PredictorBacktestExportJobs", "PredictorArn", predictor.arn
    )
    for summary in jobs:
        if run := run_of(summary["PredictorBacktestExportJobName"], name):
            arn = summary["PredictorBacktestExportJobArn"]
            yield _resource(
                arn,
                run,
                summary,
                partial(client.delete_predictor_backtest_export_job, PredictorBacktestExportJobArn=arn),
            )


def _explainability_exports(client: "ForecastServiceClient", predictor: Resource, name: str) -> Iterator[Resource]:
    """They are listed by what was explained, not by their explainability."""
    jobs = _listed(client, "list_explainability_exports", "ExplainabilityExports", "ResourceArn", predictor.arn)
    for summary in jobs:
        if run := run_of(summary["ExplainabilityExportName"], name):
            arn = summary["ExplainabilityExportArn"]
            delete = partial(client.delete_explainability_export, ExplainabilityExportArn=arn)
            yield _resource(arn, run, summary, delete)


def _imports(client: "ForecastServiceClient", dataset_arn: str, name: str) -> Iterator[Resource]:
    for summary in _listed(client, "list_dataset_import_jobs", "DatasetImportJobs", "DatasetArn", dataset_arn):
        if run := run_of(summary["DatasetImportJobName"], name):
            arn = summary["DatasetImportJobArn"]
            yield _resource(arn, run, summary, partial(client.delete_dataset_import_job, DatasetImportJobArn=arn))
