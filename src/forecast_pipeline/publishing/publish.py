"""Publishes one finished run: reads its exports, measures, writes files and report, and makes them the latest.

A run of usual size is published by one worker, ``publish``. For a large one ``publish`` leaves a plan, by which many
workers do the same: each ``read`` reads some files and parts their rows by shard, each ``shard`` publishes the series
of one shard, and ``finish`` adds up and makes the run the latest. So no worker's memory and disk grow with the run.
"""

import tempfile
from collections.abc import Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from forecast_engine import VERSION
from forecast_pipeline import forecast_client
from forecast_pipeline.publishing.exports.catalog_types import forecast_types, item_models_types, train_types
from forecast_pipeline.publishing.exports.file_ranges import CALLS_AT_A_TIME, FileRange, fetch
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_database import connect
from forecast_pipeline.publishing.exports.run_facts import RunFacts
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.exports.s3_location import S3Location, export_files
from forecast_pipeline.publishing.measures.attribute_impact import read_impact
from forecast_pipeline.publishing.measures.came_true import truth_metrics
from forecast_pipeline.publishing.measures.gate import reasons_to_hold_back
from forecast_pipeline.publishing.measures.service_metrics import emit_all, service_metrics
from forecast_pipeline.publishing.outputs.dashboard_tables import DASHBOARD_TABLES, FORECAST_RUNS
from forecast_pipeline.publishing.outputs.glue_tables import Catalog, CatalogTables, csv_table, parquet_table
from forecast_pipeline.publishing.outputs.joined_files import part_name, write_csv_file
from forecast_pipeline.publishing.outputs.kept_run import not_approved, publish_decided_run
from forecast_pipeline.publishing.outputs.latest_forecast import (
    LATEST_KEYS,
    MARK,
    RUN_DOCUMENT,
    RUN_TABLES,
    TABLES,
    LatestForecast,
    history_key,
    table_location,
    written_names,
)
from forecast_pipeline.publishing.outputs.monitored import newest_evaluations
from forecast_pipeline.publishing.outputs.replacement import Replacement
from forecast_pipeline.publishing.outputs.run_before import run_before
from forecast_pipeline.publishing.steps.plan import PublishingPlan, ReadTask
from forecast_pipeline.publishing.steps.read_files import read_files
from forecast_pipeline.publishing.steps.row_groups import store_rows
from forecast_pipeline.publishing.steps.shard import SHARD_FILES, publish_shard
from forecast_pipeline.publishing.steps.whole_run import REPORT, WholeRun
from forecast_pipeline.publishing.steps.work_folder import WorkFolder
from forecast_pipeline.runs.published import ApprovalWait, Published, PublishingWork
from forecast_pipeline.runs.run_document import Decision, WithPredictor

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import TableInputTypeDef


@dataclass(frozen=True)
class CatalogNames:
    """Where the Glue tables are, and the stack whose tables they are; ``engine`` is what forecast, with its version."""

    stack: str
    database: str
    train_table: str
    forecast_table: str
    item_models_table: str
    engine: str


def engine_of(is_amazons: bool) -> str:
    """What forecast, for the record of a run: Almanac's engine with its version, or Amazon's service, which has none.

    >>> engine_of(is_amazons=True)
    'Amazon Forecast'
    """
    return "Amazon Forecast" if is_amazons else f"Almanac {VERSION}"


class Publishing:
    """The steps of publishing the run of a run document. Each, done twice, changes nothing."""

    def __init__(self, document: WithPredictor, names: CatalogNames, approval: ApprovalWait | None = None) -> None:
        """Nothing is read or written yet. ``approval`` is how a person is asked first; None: nobody is."""
        self.document = document
        self.names = names
        self.approval = approval
        self.run = FinishedRun.from_document(document)
        self.client = boto3.client("s3")
        self.latest = LatestForecast(self.client, self.run.bucket)
        self.work = WorkFolder(self.client, self.run.bucket, self.run.run_id)

    def publish(self) -> Published | PublishingWork:
        """Publish the run, or leave the plan of many workers; returns what goes to ``$.Published``.

        Whatever else may fail comes before the latest objects are touched. If a run that started later was published
        before, this run is kept in the history alone, and ``SupersededBy`` names the other.
        """
        plan = PublishingPlan.of(self.client, self.run, self.latest)
        if plan.shard_count > 1:
            self.work.write_plan(plan)
            return PublishingWork(Tasks=list(range(len(plan.tasks))), Shards=list(range(plan.shard_count)))
        with tempfile.TemporaryDirectory(prefix="publish-") as name:
            directory = Path(name)
            with connect(directory) as connection:
                facts = RunFacts.sum(
                    [read_files(self.client, connection, self.run, task, directory) for task in plan.tasks]
                )
                figures = publish_shard(
                    RunTables(connection, self.run, facts), plan.earlier_runs, directory, plan.earlier_run
                )
            for task in plan.tasks:
                self._keep(task)
            return self._make_latest(
                WholeRun(self.document, plan, facts, [figures]), set(SHARD_FILES.values()), directory
            )

    def read(self, number: int) -> None:
        """Read the files of a task of the plan, and part their rows by shard."""
        plan = self.work.plan()
        task = plan.tasks[number]
        with tempfile.TemporaryDirectory(prefix="publish-") as name:
            directory = Path(name)
            with connect(directory) as connection:
                facts = read_files(self.client, connection, self.run, task, directory)
                rows, groups = store_rows(connection, self.run, task.kind, plan.shard_count, directory)
            self.work.write_task(number, facts, rows, groups)
        self._keep(task)

    def shard(self, number: int) -> None:
        """Measure the series of a shard, and write their part of every file."""
        with tempfile.TemporaryDirectory(prefix="publish-") as name:
            directory = Path(name)
            with connect(directory) as connection:
                plan = self.work.plan()
                facts = self.work.load_shard(plan, number, connection, directory)
                figures = publish_shard(
                    RunTables(connection, self.run, facts), plan.earlier_runs, directory, plan.earlier_run
                )
            for table in RUN_TABLES:
                file = directory / f"{table}.parquet"
                if file.exists():
                    self.latest.upload(self.run.run_id, f"{table}/{part_name(number, '.parquet')}", file)
            self.work.write_shard(number, figures, directory)

    def finish(self) -> Published:
        """Add up what the shards know, and make the run the latest; returns what goes to ``$.Published``."""
        plan = self.work.plan()
        facts = self.work.facts(plan)
        figures, parts = self.work.shards(plan, facts.backtest_types)
        with tempfile.TemporaryDirectory(prefix="publish-") as name:
            directory = Path(name)
            single = {
                file
                for file, of_shards in parts.items()
                if write_csv_file(self.latest, self.run.run_id, file, of_shards, directory)
            }
            return self._make_latest(WholeRun(self.document, plan, facts, figures), single, directory)

    def _make_latest(self, whole: WholeRun, single: Set[str], directory: Path) -> Published:
        """``single`` are those of SHARD_FILES that are one file, in the directory or in the history already."""
        run = self.run
        before = run_before(self.latest, self.document, whole.plan.earlier_run)
        published = whole.published(self._places(single), self._impact(directory), before)
        published.Engine, published.AsOf = self.names.engine, run.as_of
        published.Monitored, published.NotMonitored = newest_evaluations(forecast_client(), self.latest, self.document)
        self._hold_back(published)
        is_beside = bool(published.HeldBack or published.AsOf)
        if is_beside:
            published.Files = self._places(single, is_beside=True)
        whole.write(published, directory)
        metrics = list(service_metrics(forecast_client().get_accuracy_metrics(PredictorArn=run.predictor_arn)))
        tables = self._tables(whole.facts)
        self.latest.write_history(run.run_id, directory)
        self.latest.write_document(run.run_id, TABLES, {"Tables": tables})
        made = self.document.as_given() | {"Published": published.model_dump()}
        self.latest.write_document(run.run_id, RUN_DOCUMENT, made)
        of_truth = truth_metrics(published, run.name, self.names.stack)
        if is_beside:
            emit_all(of_truth)
            return published
        catalog = Catalog(self.names.database, self.names.stack, run.bucket)
        superseded_by = Replacement(self.latest, CatalogTables(boto3.client("glue"), catalog)).replace(
            run.run_id, run.started_at, {*written_names(directory), *single}, tables
        )
        if superseded_by:
            return published.model_copy(update={"SupersededBy": superseded_by})
        emit_all([*metrics, *of_truth])
        return published

    def decided(self, decision: Decision | None) -> Published:
        """What a person has decided of the forecast that waited: it becomes the latest one, or stays beside.

        It was published already where somebody did not wait for the links.
        """
        catalog = Catalog(self.names.database, self.names.stack, self.run.bucket)
        tables = CatalogTables(boto3.client("glue"), catalog)
        is_approved = decision.Approved if decision else None
        published = publish_decided_run(self.latest, tables, self.run.run_id, self.run.started_at, is_approved)
        if not published.HeldBack and not published.SupersededBy:
            answer = forecast_client().get_accuracy_metrics(PredictorArn=self.run.predictor_arn)
            emit_all(service_metrics(answer))
        return published

    def _hold_back(self, published: Published) -> None:
        """Say why this run does not replace the latest one, if it may not, or not before a person has approved it.

        Nothing is said where it is the latest one itself, or where a later one is.
        """
        mark = self.latest.latest_mark()
        is_settled = mark is not None and (
            mark["RunId"] == self.run.run_id or datetime.fromisoformat(mark["StartedAt"]) > self.run.started_at
        )
        if self.run.as_of or is_settled:
            return
        latest = Published.model_validate(mark) if mark else None
        published.HeldBack = reasons_to_hold_back(published, latest, self.document.Pipeline.PublishIf)
        if self.approval and not published.HeldBack:
            published.HeldBack, published.Approval = [not_approved()], self.approval

    def _places(self, single: Set[str], *, is_beside: bool = False) -> dict[str, str]:
        """Member of the published document -> path of its file: in the history if many or kept beside."""
        beyond = set(SHARD_FILES.values()) - single
        keys = {}
        for member, name in (SHARD_FILES | {"Accuracy": MARK, "Report": REPORT}).items():
            kept = history_key(self.run.run_id, f"{name}/" if name in beyond else name)
            keys[member] = kept if is_beside or name in beyond else LATEST_KEYS[name]
        return {member: f"s3://{self.run.bucket}/{key}" for member, key in keys.items()}

    def _impact(self, directory: Path) -> dict[str, float] | None:
        """What the exported explanation says, which is kept; None where the run asked for none."""
        location = self.run.explainability_export
        if location is None:
            return None
        files = [FileRange.whole(each) for each in export_files(self.client, location)]
        self._keep_export("explainability", location, files)
        return read_impact(fetch(self.client, files, directory))

    def _keep(self, task: ReadTask) -> None:
        """Copy what a task reads of an export as it is: ``tmp/`` is swept, the history stays."""
        exports: Mapping[str, tuple[str, S3Location]] = {
            "forecast": ("forecast", self.run.forecast_export),
            "item_models": ("forecast", self.run.forecast_export),
            "backtest": ("backtest", self.run.backtest_export),
            "accuracy": ("backtest", self.run.backtest_export),
        }
        if task.kind in exports:
            self._keep_export(*exports[task.kind], task.ranges)

    def _keep_export(self, name: str, source: S3Location, files: list[FileRange]) -> None:
        with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
            list(pool.map(lambda file: self.latest.keep_export(self.run.run_id, name, source, file), files))

    def _tables(self, facts: RunFacts) -> list["TableInputTypeDef"]:
        """The tables of the catalog over the run's files."""
        run, names = self.run, self.names

        def over_files(name: str, table: str, types: Mapping[str, str]) -> "TableInputTypeDef":
            return parquet_table(name, types, table_location(run.bucket, run.run_id, table))

        if facts.is_quoted:
            train = over_files(names.train_table, "train", train_types(run))
        else:
            # Hive skips the first line of every file or of none. Where only some have a header it must be none: a
            # header then reads as a row without a timestamp, which queries leave out, and no observation is lost.
            train = csv_table(names.train_table, train_types(run), run.train_locations[0].folder, facts.is_headed)
        return [
            train,
            over_files(names.forecast_table, "forecast", forecast_types(run)),
            over_files(names.item_models_table, "item_models", item_models_types(run)),
            *(over_files(each.name, each.name, each.columns) for each in DASHBOARD_TABLES if each is not FORECAST_RUNS),
        ]
