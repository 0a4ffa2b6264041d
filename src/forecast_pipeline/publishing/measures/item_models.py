"""The models that made the forecast of each item, as the service says: a file, and what the report shows of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from forecast_pipeline.publishing.exports.catalog_types import item_models_types
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.exports.staging import MODEL_COLUMNS


@dataclass(frozen=True)
class Mixture:
    """``shares`` maps a model to its weight for one item, the largest first; ``note`` is "" if nothing is special.

    A model that is used in several forms has the sum of their weights.
    """

    shares: dict[str, float]
    note: str


def write_item_models(tables: RunTables, path: Path, table_path: Path) -> None:
    """Key columns, model, season (1 is none), form, weight, note: a row per item and model; a header at least.

    The rows are written twice, as a CSV file for people and as the Parquet file of the table ``item_models``.
    """
    # An empty text would be written as a pair of quotes.
    written = {name: f"made.{name}" for name in MODEL_COLUMNS} | {"note": "nullif(made.note, '')"}
    about = {column: written[name] for name, column in tables.run.item_models_columns.items()}
    order = "series.series, made.weight DESC, made.model, made.season, made.form"
    rows = f"FROM item_models AS made JOIN series USING (series) ORDER BY {order}"
    tables.write_csv(path, tables.keys_for_people | about, rows)
    tables.write_parquet(table_path, item_models_types(tables.run), tables.named_keys | about, rows)


@dataclass(frozen=True)
class ModelWeights:
    """The models of some items together: model -> sum of its weights, how many items, and how many with a note."""

    weights: dict[str, float]
    items: int
    noted: int


def model_weights(tables: RunTables) -> ModelWeights:
    """The models of these series; empty where the service does not say."""
    weights = tables.connection.execute("SELECT model, sum(weight) FROM item_models GROUP BY model").fetchall()
    ((items, noted),) = tables.connection.execute(
        "SELECT count(DISTINCT series), count(DISTINCT series) FILTER (note <> '') FROM item_models"
    ).fetchall()
    return ModelWeights(dict(weights), items, noted)


def average_shares(parts: Sequence[ModelWeights]) -> dict[str, float]:
    """Model -> its mean weight over all items, the largest first; {} where the service does not say."""
    items = sum(each.items for each in parts)
    models = sorted({model for each in parts for model in each.weights})
    shares = {model: math.fsum(each.weights.get(model, 0.0) for each in parts) / items for model in models}
    return dict(sorted(shares.items(), key=lambda entry: -entry[1]))


def mixtures_of(tables: RunTables, numbers: NDArray[np.int64]) -> dict[int, Mixture]:
    """Number of a series -> its mixture, for those of these series that the service names models of."""
    tables.connection.register("chosen", {"series": numbers.astype(np.int32)})
    try:
        rows = tables.connection.execute(
            """
            SELECT series, model, sum(weight) AS share, any_value(note)
            FROM item_models SEMI JOIN chosen USING (series) GROUP BY series, model ORDER BY series, share DESC, model
            """
        ).fetchall()
    finally:
        tables.connection.unregister("chosen")
    mixtures: dict[int, Mixture] = {}
    for series, model, share, note in rows:
        mixtures.setdefault(series, Mixture({}, note)).shares[model] = share
    return mixtures


def notes_of(tables: RunTables) -> dict[int, str]:
    """Number of a series -> its note, for those that have one."""
    rows = tables.connection.execute(
        "SELECT series, any_value(note) FROM item_models WHERE note <> '' GROUP BY series"
    ).fetchall()
    return dict(rows)
