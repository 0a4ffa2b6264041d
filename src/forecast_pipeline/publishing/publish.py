"""Publishes one finished run: reads its exports, measures, writes files and report, and makes them the latest."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from forecast_contract.domains import TARGET_TIME_SERIES
from forecast_pipeline import forecast_client
from forecast_pipeline.publishing.exports.catalog_types import forecast_types, item_models_types, train_types
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_database import connect
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.exports.s3_location import (
    FetchedFile,
    fetch_export,
    fetch_export_if_any,
    fetch_files,
)
from forecast_pipeline.publishing.exports.train_files import has_header, has_quotes
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.publishing.measures.attribute_impact import read_impact
from forecast_pipeline.publishing.measures.comparison import Accuracy, Comparison, compare
from forecast_pipeline.publishing.measures.item_accuracy import write_item_accuracy
from forecast_pipeline.publishing.measures.item_changes import item_changes
from forecast_pipeline.publishing.measures.item_models import average_shares, write_item_models
from forecast_pipeline.publishing.measures.observed_periods import leave_out_unobserved
from forecast_pipeline.publishing.measures.partial_period import first_partial_period, partial_period, whole_history
from forecast_pipeline.publishing.measures.service_metrics import emit, service_metrics
from forecast_pipeline.publishing.outputs.dashboard_files import write_dashboard_files
from forecast_pipeline.publishing.outputs.dashboard_tables import FORECAST_ACCURACY, FORECAST_FAN
from forecast_pipeline.publishing.outputs.forecast_csv import write_long, write_train, write_wide
from forecast_pipeline.publishing.outputs.glue_tables import Catalog, CatalogTables, csv_table, parquet_table
from forecast_pipeline.publishing.outputs.latest_forecast import (
    LATEST_KEYS,
    LatestForecast,
    table_location,
    written_names,
)
from forecast_pipeline.publishing.outputs.replacement import Replacement
from forecast_pipeline.publishing.outputs.report_data import report_data
from forecast_pipeline.publishing.outputs.report_page import report_page
from forecast_pipeline.runs.published import AccuracyFigures, ChangedItems, PartOfPeriod, Published, RowFigures
from forecast_pipeline.runs.run_document import WithPredictor

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableInputTypeDef
    from mypy_boto3_s3 import S3Client

# Member of the published document -> file name under history/clean/<run>/.
FILE_NAMES = {
    "Forecast": "forecast.csv",
    "ForecastLong": "forecast_long.csv",
    "ItemAccuracy": "item_accuracy.csv",
    "ItemModels": "item_models.csv",
    "Accuracy": "accuracy.json",
    "Report": "report.html",
}
# Table -> its Parquet file.
TABLE_FILES = {name: f"{name}.parquet" for name in ("train", "forecast", "item_models")}


@dataclass(frozen=True)
class CatalogNames:
    """Where the Glue tables are, and the stack whose tables they are."""

    stack: str
    database: str
    train_table: str
    forecast_table: str
    item_models_table: str


@dataclass(frozen=True)
class RunFiles:
    """The files of a run on the local disk."""

    train: list[FetchedFile]
    forecast: list[FetchedFile]
    backtest: list[FetchedFile]
    accuracy: list[FetchedFile]
    item_models: list[FetchedFile]
    explainability: list[FetchedFile]


def publish(document: WithPredictor, names: CatalogNames) -> Published:
    """Publish the run of a run document; returns what goes to ``$.Published``.

    Publishing twice changes nothing. Whatever else may fail comes before the latest objects are touched. If a run that
    started later was published before, this run is kept in the history alone, and ``SupersededBy`` names the other.
    """
    run = FinishedRun.from_document(document)
    s3 = boto3.client("s3")
    with tempfile.TemporaryDirectory(prefix="publish-") as name:
        directory = Path(name)
        files = _fetch(s3, run, directory)
        latest = LatestForecast(s3, run.bucket)
        published = _write_files(document, run, files, directory, latest)
        metrics = list(service_metrics(forecast_client().get_accuracy_metrics(PredictorArn=run.predictor_arn)))
        _keep_exports(latest, run, files)
        latest.write_history(run.run_id, directory)
        catalog = CatalogTables(boto3.client("glue"), Catalog(names.database, names.stack, run.bucket))
        superseded_by = Replacement(latest, catalog).replace(
            run.run_id, run.started_at, set(written_names(directory)), _tables(run, files, directory, names)
        )
    if superseded_by:
        return published.model_copy(update={"SupersededBy": superseded_by})
    for metric in metrics:
        emit(metric)
    return published


def _fetch(s3: "S3Client", run: FinishedRun, directory: Path) -> RunFiles:
    train = [
        fetched
        for index, location in enumerate(run.train_locations)
        for fetched in fetch_files(s3, location, directory / f"train-{index}")
    ]
    if not train:
        places = ", ".join(str(location) for location in run.train_locations)
        raise ValueError(f"{places}: found no train file, wanted one or more")
    return RunFiles(
        train=train,
        forecast=fetch_export(s3, run.forecast_export, directory / "forecast"),
        backtest=fetch_export(s3, run.backtest_values, directory / "backtest"),
        accuracy=fetch_export(s3, run.backtest_accuracy, directory / "accuracy"),
        item_models=fetch_export_if_any(s3, run.item_models, directory / "item-models"),
        explainability=(
            fetch_export(s3, run.explainability_export, directory / "explainability")
            if run.explainability_export
            else []
        ),
    )


def _write_files(
    document: WithPredictor, run: FinishedRun, files: RunFiles, directory: Path, latest: LatestForecast
) -> Published:
    """Write every file of LATEST_KEYS into the directory; returns the published document."""
    impact = read_impact(_paths(files.explainability)) if files.explainability else None
    with connect(directory) as connection:
        tables = RunTables(connection, run)
        exports = (files.forecast, files.backtest, files.accuracy, files.item_models)
        train = {each.key: each.path for each in files.train}
        is_quoted = has_quotes(train.values())
        tables.load(train, *(_paths(each) for each in exports), folder=directory, keep_rows=is_quoted)
        if is_quoted:
            write_train(tables, directory / TABLE_FILES["train"])
        imported = AlignedHistory(tables)
        parts = first_partial_period(tables, imported), partial_period(tables, imported)
        history = whole_history(tables, imported, parts[1])
        if run.periods == "observed":
            leave_out_unobserved(tables, history)
        comparison = compare(tables, history)
        write_wide(tables, directory / FILE_NAMES["Forecast"])
        write_long(tables, directory / FILE_NAMES["ForecastLong"], directory / TABLE_FILES["forecast"])
        write_item_accuracy(tables, comparison.items, directory / FILE_NAMES["ItemAccuracy"])
        write_item_models(tables, directory / FILE_NAMES["ItemModels"], directory / TABLE_FILES["item_models"])
        made = max(each.written for each in files.forecast)
        write_dashboard_files(tables, comparison, made, directory)
        published = _published(document, tables, parts, comparison, impact)
        published.ItemChanges = _item_changes(tables, latest, directory)
        page = report_page(report_data(tables, history, comparison, made, published))
    (directory / FILE_NAMES["Report"]).write_text(page, encoding="utf-8")
    mark = {"RunId": run.run_id, "StartedAt": run.started_at.isoformat(), "DatasetGroup": run.name}
    accuracy = json.dumps(published.model_dump() | mark, indent=2, allow_nan=False) + "\n"
    (directory / FILE_NAMES["Accuracy"]).write_text(accuracy, encoding="utf-8")
    return published


def _published(
    document: WithPredictor,
    tables: RunTables,
    parts: tuple[PartOfPeriod | None, PartOfPeriod | None],
    comparison: Comparison,
    impact: dict[str, float] | None,
) -> Published:
    first, last = tables.forecast_span()
    share = tables.backtest_types.band_share
    window_count = len(comparison.window_starts)
    return Published(
        Accuracy=_figures(comparison.forecast, share, window_count),
        SeasonalNaive=_figures(comparison.seasonal_naive, share, window_count),
        ItemCount=tables.series_count(),
        NewItemCount=tables.new_series_count(),
        Horizon=tables.forecast_period_count(),
        FirstTimestamp=str(first),
        LastTimestamp=str(last),
        ModelShares=average_shares(tables),
        Rows={each.DatasetType: each.Rows for each in document.Imported}
        | {TARGET_TIME_SERIES: RowFigures.of(tables.rows)},  # counted again, by what publishing has read
        AggregatedRowCount=comparison.aggregated_row_count,
        Aggregation=tables.run.alignment.aggregation,
        PartialFirstPeriod=parts[0],
        PartialPeriod=parts[1],
        Files={member: f"s3://{tables.run.bucket}/{LATEST_KEYS[name]}" for member, name in FILE_NAMES.items()},
        AttributeImpact=impact,
    )


def _item_changes(tables: RunTables, latest: LatestForecast, directory: Path) -> ChangedItems | None:
    """The items against those of the latest forecast of the same dataset group; as before if it is this run's."""
    run, before = tables.run, latest.current_run()
    if before is None or before.name != run.name or before.started_at > run.started_at:
        return None
    if before.run_id == run.run_id:
        return ChangedItems.model_validate(before.item_changes) if before.item_changes else None
    models = directory / "earlier_item_models.csv"
    is_there = latest.fetch_history(before.run_id, FILE_NAMES["ItemModels"], models)
    return item_changes(tables, before.run_id, models) if is_there else None


def _figures(accuracy: Accuracy, band_share: float | None, window_count: int) -> AccuracyFigures:
    return AccuracyFigures(
        AverageWeightedQuantileLoss=accuracy.average_weighted_quantile_loss,
        WAPE=accuracy.wape,
        RMSE=accuracy.rmse,
        MASE=accuracy.mase,
        Coverage80=accuracy.coverage if band_share == 0.8 else None,
        WindowCount=window_count,
    )


def _keep_exports(latest: LatestForecast, run: FinishedRun, files: RunFiles) -> None:
    """Copy the exports as they are: ``tmp/`` is swept, the history stays."""
    exports = [
        ("forecast", run.forecast_export, [*files.forecast, *files.item_models]),
        ("backtest", run.backtest_export, [*files.backtest, *files.accuracy]),
    ]
    if run.explainability_export:
        exports.append(("explainability", run.explainability_export, files.explainability))
    for name, source, fetched in exports:
        latest.keep_export(run.run_id, name, source, [each.key for each in fetched])


def _tables(run: FinishedRun, files: RunFiles, directory: Path, names: CatalogNames) -> list["TableInputTypeDef"]:
    """The tables of the catalog over the run's files."""

    def over_files(name: str, table: str, types: Mapping[str, str]) -> "TableInputTypeDef":
        return parquet_table(name, types, table_location(run.bucket, run.run_id, table))

    if (directory / TABLE_FILES["train"]).exists():
        train = over_files(names.train_table, "train", train_types(run))
    else:
        # Hive skips the first line of every file or of none. Where only some files have a header it must be none:
        # a header line then reads as a row without a timestamp, which queries leave out, and no observation is lost.
        headed = all(has_header(run, each) for each in files.train)
        train = csv_table(names.train_table, train_types(run), run.train_locations[0].folder, headed)
    return [
        train,
        over_files(names.forecast_table, "forecast", forecast_types(run)),
        over_files(names.item_models_table, "item_models", item_models_types(run)),
        *(over_files(each.name, each.name, each.columns) for each in (FORECAST_FAN, FORECAST_ACCURACY)),
    ]


def _paths(files: Sequence[FetchedFile]) -> list[Path]:
    return [each.path for each in files]
