"""The tables of a run whose files lie on the local disk, as publishing reads them from S3."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import duckdb

from forecast_files.csv_file import CsvFile
from forecast_pipeline.publishing.exports.finished_run import FinishedRun
from forecast_pipeline.publishing.exports.run_database import connect
from forecast_pipeline.publishing.exports.run_facts import RunFacts
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.exports.staging import Staging


def loaded_run(
    run: FinishedRun,
    train: Mapping[str, Path],
    exports: Sequence[Sequence[Path]],
    folder: Path,
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
    earlier_forecasts: Mapping[str, Sequence[Path]] = MappingProxyType({}),
) -> RunTables:
    """The tables of a run; ``exports`` are the parts of forecast, backtest and accuracy, and perhaps of item models.

    ``earlier_forecasts`` are the published wide files of earlier runs, by run.
    """
    connection = connection or connect(folder)
    staging = Staging(connection, run)
    columns = len(run.attributes)
    parts = (part for key, path in train.items() for part in CsvFile.local(path, key, columns).parts())
    forecast, backtest, accuracy, *models = exports
    facts = [
        staging.train(parts, folder),
        staging.forecast(forecast),
        staging.backtest(backtest),
        staging.item_accuracy(accuracy),
        staging.item_models(models[0] if models else []),
        staging.earlier_items([]),
        staging.earlier_forecasts(earlier_forecasts),
    ]
    tables = RunTables(connection, run, RunFacts.sum(facts))
    tables.number()
    return tables
