"""The plan of the Glue job: which columns of which raw files become which data, and how each is read.

It is the job's one argument. docs/decisions/0431-raw-data-is-planned-before-spark-starts.md says what stands in it.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from forecast_contract.domains import ITEM_METADATA, RELATED_TIME_SERIES, TARGET_TIME_SERIES
from forecast_contract.timestamp_formats import DATE
from forecast_files.schema import Column, Schema
from forecast_pipeline.parameters.encodings import encoding_of
from forecast_pipeline.parameters.requests import Parameters
from forecast_pipeline.preparation.layouts import LaidOut
from forecast_pipeline.preparation.raw_files import FOLDER
from forecast_pipeline.preparation.raw_heads import matching
from forecast_pipeline.runs.data_files import FOLDERS
from forecast_pipeline.runs.heads import DataFileError

LONGEST = 100_000  # bytes of a plan: it is one argument of a program (131,072), and a part of a document (262,144)
# Notations that can be told from each other, for a timestamp whose column has no Formats.
DATES = ("yyyy/M/d", "yyyy-M-d")
DAY_FORMATS = [*DATES, "yyyy.M.d", "yyyyMMdd"]
TIME_FORMATS = [*(f"{date} {time}" for date in DATES for time in ("H:mm:ss", "H:mm")), "yyyy-M-d'T'H:mm:ss"]
# Where only the day is written, an hour of it would be lost without a word: midnight is none.
MIDNIGHT_FORMATS = [*(f"{date}' 00:00:00'" for date in DATES), "yyyy-M-d'T00:00:00'"]


def plan_of(parameters: Parameters, layouts: Sequence[LaidOut], bucket: str, run: str) -> dict[str, Any]:
    """The plan; DataFileError names a column that is wanted and that the files lack."""
    outputs = [output for layout in layouts for output in _outputs(parameters, layout, bucket, run)]
    if not any(f"/{FOLDERS[TARGET_TIME_SERIES]}" in output["Target"] for output in outputs):
        target = _schemas(parameters)[TARGET_TIME_SERIES]
        raise DataFileError(_missing(layouts[0], next(_absent(target, layouts[0]))))
    plan = {
        "Outputs": outputs,
        "Quarantine": f"s3://{bucket}/{quarantine_folder(run)}",
        "MaxLeftOutShare": parameters.Pipeline.raw_data_max_left_out_share,
    }
    if len(json.dumps(plan)) > LONGEST:
        count = sum(len(layout.files) for layout in layouts)
        raise DataFileError(f"{FOLDER}: found {count} files, more than one job can name, wanted fewer and larger ones.")
    return plan


def prepared_folder(run: str) -> str:
    """Where the job of a preparation writes."""
    return f"tmp/prepared/{run}/"


def quarantine_folder(run: str) -> str:
    """Where the job of a preparation puts the rows that it cannot use, and the counts of all."""
    return f"quarantine/{run}/"


def _schemas(parameters: Parameters) -> dict[str, Schema]:
    return {dataset.DatasetType: Schema.of_dataset(dataset.without_nulls()) for dataset in parameters.Datasets}


def _outputs(parameters: Parameters, layout: LaidOut, bucket: str, run: str) -> Iterator[dict[str, Any]]:
    """One output for each dataset that the files of a layout feed."""
    schemas = _schemas(parameters)
    _refuse_named_columns_that_lack(layout)
    for dataset_type, schema in schemas.items():
        absent = list(_absent(schema, layout))
        own = _own_columns(schema, schemas[TARGET_TIME_SERIES])
        if not own or all(column in absent for column in own):
            continue
        if absent:
            raise DataFileError(_missing(layout, absent[0]))
        yield {
            "Source": [f"s3://{bucket}/{file.key}" for file in layout.files],
            "Reader": layout.reader,
            **_format(layout),
            **_wide(layout, schemas[TARGET_TIME_SERIES]),
            "Target": f"s3://{bucket}/{prepared_folder(run)}{FOLDERS[dataset_type]}{_below(layout)}",
            "Columns": [_column(column, layout, parameters.TimestampFormat) for column in schema.columns],
            "Keys": [*(["timestamp"] if schema.has_timestamp else []), *(key.name for key in schema.key_columns)],
            **_duplicates(layout, dataset_type),
        }


def _own_columns(schema: Schema, target: Schema) -> list[Column]:
    """What tells that files are meant for a dataset: its columns that the target does not have."""
    if schema.dataset_type == TARGET_TIME_SERIES:
        return schema.of_role("target")
    return [column for column in schema.columns if column.name not in target.names]


def _columns_to_see(layout: LaidOut) -> list[str] | None:
    """The columns among which those of the datasets are: of a wide table, those that it has once it is long."""
    wide = layout.layout.Wide
    if wide is None or layout.head.columns is None:
        return None if layout.head.columns is None else list(layout.head.columns)
    return [*wide.Ids, wide.Name, *([wide.Value] if wide.Value else [])]


def _found(column: Column, layout: LaidOut) -> str | None:
    """The column of the files that holds an attribute, as they spell it."""
    given = layout.layout.Columns.get(column.name)
    name = given.From if given else column.name
    seen = _columns_to_see(layout)
    if seen is None:
        return name
    wide = layout.layout.Wide
    if wide and not wide.Value and column.role == "target":
        return column.name
    return matching(seen, name)


def _absent(schema: Schema, layout: LaidOut) -> Iterator[Column]:
    return (column for column in schema.columns if _found(column, layout) is None)


def _refuse_named_columns_that_lack(layout: LaidOut) -> None:
    seen = _columns_to_see(layout)
    wide, order = layout.layout.Wide, layout.layout.OrderBy
    named = {f"Columns.{name}": column.From for name, column in layout.layout.Columns.items()}
    for member, name in (named | ({"OrderBy": order} if order else {})).items():
        if seen is not None and matching(seen, name) is None:
            raise DataFileError(_lacking(layout, f"{name} ({layout.path}.{member})"))
    for name in wide.Ids if wide else ():
        if layout.head.columns is not None and matching(layout.head.columns, name) is None:
            raise DataFileError(_lacking(layout, f"{name} ({layout.path}.Wide.Ids)"))


def _missing(layout: LaidOut, column: Column) -> str:
    return _lacking(layout, f"{column.name}, or what it is called in {layout.path}.Columns.{column.name}")


def _lacking(layout: LaidOut, wanted: str) -> str:
    names = ", ".join(layout.head.columns or ())
    return f"{layout.files[0].key}, line 1: found the columns {_cut(names)}, wanted {wanted}."


def _cut(names: str) -> str:
    return names if len(names) <= 200 else f"{names[:197]}..."


def _below(layout: LaidOut) -> str:
    return f"{layout.name}/" if layout.name else ""


def _format(layout: LaidOut) -> dict[str, Any]:
    if layout.reader != "csv":
        return {}
    return {"Format": {"sep": layout.head.delimiter, "encoding": encoding_of(layout.layout.Format.Encoding).java}}


def _wide(layout: LaidOut, target: Schema) -> dict[str, Any]:
    wide = layout.layout.Wide
    if wide is None:
        return {}
    seen = layout.head.columns
    ids = [name if seen is None else matching(seen, name) or name for name in wide.Ids]
    return {"Wide": {"Ids": ids, "Name": wide.Name, "Value": wide.Value or target.of_role("target")[0].name}}


def _duplicates(layout: LaidOut, dataset_type: str) -> dict[str, Any]:
    """Rows of one key: prices and the like are averaged where sales are summed, and an item is described once."""
    given = layout.layout
    if dataset_type == ITEM_METADATA:
        return {"Duplicates": "distinct"}
    if dataset_type == RELATED_TIME_SERIES and given.Duplicates == "sum":
        return {"Duplicates": "mean"}
    order = (
        {"OrderBy": matching(_columns_to_see(layout) or (), given.OrderBy) or given.OrderBy} if given.OrderBy else {}
    )
    return {"Duplicates": given.Duplicates, **order}


def _column(column: Column, layout: LaidOut, timestamp_format: str) -> dict[str, Any]:
    """One column: where it stands, how it is read, and whether a row without it is of use."""
    read: dict[str, Any] = {"Name": column.name, "From": _found(column, layout), "Type": column.type}
    if column.type == "timestamp":
        given = layout.layout.Columns.get(column.name)
        told_apart = [*DAY_FORMATS, *(MIDNIGHT_FORMATS if timestamp_format == DATE else TIME_FORMATS)]
        # Clock hours of 24 in both letters, as the import takes them; Java would write hh as hours of 12.
        read |= {"Formats": (given and given.Formats) or told_apart, "Written": timestamp_format.replace("hh", "HH")}
    if column.is_number:
        read |= {"DecimalComma": True} if layout.layout.Format.DecimalComma else {}
        read |= {"Thousands": layout.layout.Format.Thousands} if layout.layout.Format.Thousands else {}
    return read if column.role in ("item_id", "timestamp") else read | {"Optional": True}
