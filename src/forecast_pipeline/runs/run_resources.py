"""What runs of this pipeline have left in the service, and which of it a run may delete.

A resource belongs to a run if its name is one that the run made (run_names), in this pipeline's dataset group; whatever
else is there is somebody else's and stays.
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
class Leftovers:
    """The resources of all runs, level by level: a level can go when the one before it is gone."""

    levels: tuple[tuple[Resource, ...], ...]

    def of_runs(self, runs: set[str]) -> "Leftovers":
        """Only what these runs made."""
        return Leftovers(tuple(tuple(found for found in level if found.run in runs) for level in self.levels))

    def runs(self) -> dict[str, list[Resource]]:
        """The resources of each run."""
        runs: dict[str, list[Resource]] = {}
        for resource in (resource for level in self.levels for resource in level):
            runs.setdefault(resource.run, []).append(resource)
        return runs


def read_leftovers(client: "ForecastServiceClient", document: dict[str, Any]) -> Leftovers:
    """Everything that runs over this document's dataset group and datasets have made: exports, then forecasts and what
    came with a predictor, then predictors, imports."""
    names, arns = document["Names"], document["Arns"]
    forecasts = tuple(_forecasts(client, arns["DatasetGroupArn"], names["Forecast"]))
    predictors = tuple(_predictors(client, arns["DatasetGroupArn"], names["Predictor"]))
    explainabilities, monitors = _companions(client, predictors)
    exports = (
        *(export for forecast in forecasts for export in _exports(client, forecast, names["Forecast"])),
        *(export for each, _ in predictors for export in _backtest_exports(client, each, names["Forecast"])),
        *(export for each, _ in predictors for export in _explainability_exports(client, each, names["Forecast"])),
    )
    imports = tuple(job for name, arn in arns["DatasetArns"].items() for job in _imports(client, arn, name))
    on_predictors = (*forecasts, *explainabilities, *monitors)
    return Leftovers((exports, on_predictors, tuple(each for each, _ in predictors), imports))


def doomed_runs(leftovers: Leftovers, document: dict[str, Any]) -> set[str]:
    """The runs whose resources go: with PerformDelete those of this content, and always those older than KeepRuns.

    Only runs that began before this one are counted, and none that is still making something: a newer run over newer
    data may be under way.
    """
    own = content_of(document["Run"]["Id"])
    runs = leftovers.runs()
    began = {run: min(resource.created for resource in found) for run, found in runs.items()}
    now = began.get(document["Run"]["Id"])
    doomed = {run for run in runs if content_of(run) == own} if document["PerformDelete"] else set()
    if now is not None:
        older = sorted((run for run in runs if began[run] < now), key=lambda run: began[run], reverse=True)
        too_old = older[document["Pipeline"]["KeepRuns"] - 1 :]
        doomed |= {run for run in too_old if all(resource.status not in WAITING for resource in runs[run])}
    return doomed


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
    """Whether the resource is on its way out; if something uses it, it is noted and stays."""
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


def datasets_made_by_run(client: "ForecastServiceClient", document: dict[str, Any]) -> Iterator[tuple[Resource, ...]]:
    """The dataset group, then the datasets, if this very run created them; a group that stays keeps its datasets."""
    began, run = datetime.fromisoformat(document["Run"]["StartedAt"]), document["Run"]["Id"]
    group = document["Arns"]["DatasetGroupArn"]
    description = find(client.describe_dataset_group, DatasetGroupArn=group)
    if description is not None and description["CreationTime"] >= began:
        yield (_made(group, run, description, partial(client.delete_dataset_group, DatasetGroupArn=group)),)
    if find(client.describe_dataset_group, DatasetGroupArn=group) is not None:
        return
    made = []
    for arn in document["Arns"]["DatasetArns"].values():
        description = find(client.describe_dataset, DatasetArn=arn)
        if description is not None and description["CreationTime"] >= began:
            made.append(_made(arn, run, description, partial(client.delete_dataset, DatasetArn=arn)))
    yield tuple(made)


def _made(arn: str, run: str, summary: Any, delete: Callable[[], Any]) -> Resource:
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
            yield _made(arn, run, summary, partial(client.delete_forecast, ForecastArn=arn))


def _predictors(client: "ForecastServiceClient", group_arn: str, name: str) -> Iterator[tuple[Resource, bool]]:
    """Each predictor, and whether it is an auto predictor."""
    for summary in _listed(client, "list_predictors", "Predictors", "DatasetGroupArn", group_arn):
        if run := run_of(summary["PredictorName"], name):
            arn = summary["PredictorArn"]
            delete = partial(client.delete_predictor, PredictorArn=arn)
            yield _made(arn, run, summary, delete), summary.get("IsAutoPredictor", False)


def _companions(
    client: "ForecastServiceClient", predictors: Iterable[tuple[Resource, bool]]
) -> tuple[list[Resource], list[Resource]]:
    """The explainabilities and the monitors that came with auto predictors; others of theirs are somebody else's."""
    explainabilities, monitors = [], []
    for predictor, is_auto in predictors:
        description = (find(client.describe_auto_predictor, PredictorArn=predictor.arn) if is_auto else None) or {}
        made = {"CreationTime": predictor.created}
        if explainability := description.get("ExplainabilityInfo"):
            arn = explainability["ExplainabilityArn"]
            delete: Callable[[], Any] = partial(client.delete_explainability, ExplainabilityArn=arn)
            explainabilities.append(_made(arn, predictor.run, explainability | made, delete))
        if monitor := description.get("MonitorInfo"):
            arn = monitor["MonitorArn"]
            delete = partial(client.delete_monitor, MonitorArn=arn)
            monitors.append(_made(arn, predictor.run, monitor | made, delete))
    return explainabilities, monitors


def _exports(client: "ForecastServiceClient", forecast: Resource, name: str) -> Iterator[Resource]:
    for summary in _listed(client, "list_forecast_export_jobs", "ForecastExportJobs", "ForecastArn", forecast.arn):
        if run := run_of(summary["ForecastExportJobName"], name):
            arn = summary["ForecastExportJobArn"]
            yield _made(arn, run, summary, partial(client.delete_forecast_export_job, ForecastExportJobArn=arn))


def _backtest_exports(client: "ForecastServiceClient", predictor: Resource, name: str) -> Iterator[Resource]:
    jobs = _listed(
        client, "list_predictor_backtest_export_jobs", "PredictorBacktestExportJobs", "PredictorArn", predictor.arn
    )
    for summary in jobs:
        if run := run_of(summary["PredictorBacktestExportJobName"], name):
            arn = summary["PredictorBacktestExportJobArn"]
            yield _made(
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
            yield _made(arn, run, summary, delete)


def _imports(client: "ForecastServiceClient", dataset_arn: str, name: str) -> Iterator[Resource]:
    for summary in _listed(client, "list_dataset_import_jobs", "DatasetImportJobs", "DatasetArn", dataset_arn):
        if run := run_of(summary["DatasetImportJobName"], name):
            arn = summary["DatasetImportJobArn"]
            yield _made(arn, run, summary, partial(client.delete_dataset_import_job, DatasetImportJobArn=arn))
