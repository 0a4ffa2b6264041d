"""The columns of the Glue tables ``train``, ``forecast`` and ``item_models``, and duckdb's types for Glue's."""

from forecast_pipeline.publishing.exports.finished_run import FinishedRun

STRING, DOUBLE, BIGINT, DATE, TIMESTAMP = "string", "double", "bigint", "date", "timestamp"
# Glue's type -> duckdb's.
SQL_TYPES = {STRING: "VARCHAR", DOUBLE: "DOUBLE", BIGINT: "BIGINT", DATE: "DATE", TIMESTAMP: "TIMESTAMP"}
# The type of an attribute in a schema -> Glue's type.
ATTRIBUTE_TYPES = {"string": STRING, "integer": BIGINT, "float": DOUBLE, "geolocation": STRING}
MODEL_TYPES = {"model": STRING, "season": BIGINT, "form": STRING, "weight": DOUBLE, "note": STRING}


def train_types(run: FinishedRun) -> dict[str, str]:
    """The schema's attributes in order -> Glue's types.

    The target is a double, whatever the schema says, since a forecast of whole numbers is none.
    """
    types = {name: ATTRIBUTE_TYPES.get(attribute_type, STRING) for name, attribute_type in run.attributes}
    types[run.timestamp_column] = DATE if run.daily_timestamps else TIMESTAMP
    types[run.target_column] = DOUBLE
    return types


def forecast_types(run: FinishedRun) -> dict[str, str]:
    """Those of ``train``, so that both can be put together in one query, and the forecast type."""
    return train_types(run) | {run.type_column: STRING}


def item_models_types(run: FinishedRun) -> dict[str, str]:
    """Key columns as strings, then those of the service's file."""
    keys = dict.fromkeys(run.key_columns, STRING)
    return keys | {column: MODEL_TYPES[member] for member, column in run.item_models_columns.items()}
