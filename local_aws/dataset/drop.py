"""What goes into the data bucket: params.json and the files, with the columns its schema names."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_aws.dataset.frequency import (
    guess_frequency,
    history_length,
    require_sensible,
    steps_without_row,
    usual_horizon,
)
from local_aws.dataset.roles import Roles, find_timestamp, guess_roles, is_numeric, require_timestamps
from local_aws.dataset.table import DataError, Table, open_table, quoted
from local_aws.dataset.timestamps import DAY, SECOND, Notation

ONE_SERIES = "all"  # the item_id of a file that has no column for one
NOT_USED = "(imported and checked; no model uses it yet)"
NAME_LENGTH = 40  # of the 63 a name may have; the pipeline adds the run


@dataclass(frozen=True)
class Wishes:
    """What the user said; None means: guess."""

    frequency: str | None = None
    horizon: int | None = None
    quantiles: tuple[str, ...] = ("0.1", "0.5", "0.9")
    related: Path | None = None
    metadata: Path | None = None


@dataclass
class Drop:
    """Objects for the bucket in the order of arrival, and sentences on what was guessed."""

    objects: list[tuple[str, Path | bytes]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What the target file is and what is to be forecast from it."""

    roles: Roles
    time_format: str  # of every file in the bucket
    data_frequency: str
    frequency: str
    history: int  # steps
    horizon: int
    without_row: int  # steps, of `steps` of all series
    steps: int


def guessed_drop(path: Path, wishes: Wishes, folder: Path) -> Drop:
    """Read the file, guess what was not said, and write into `folder` the files that must be written anew."""
    table = open_table(path)
    plan = _plan(table, wishes)
    drop, schemas = Drop(sentences=list(_said(plan, wishes))), [_target_schema(plan)]
    others: list[tuple[str, Path | bytes]] = []
    if wishes.related:
        schema, content = _related(wishes.related, plan, folder, drop.sentences)
        schemas.append(schema)
        others.append((f"related/{wishes.related.stem}.csv", content))
        drop.sentences.append(f"related     {wishes.related.name}  {NOT_USED}")
    if wishes.metadata:
        schema, content = _metadata(wishes.metadata, plan.roles, folder)
        schemas.append(schema)
        others.append((f"metadata/{wishes.metadata.stem}.csv", content))
        drop.sentences.append(f"metadata    {wishes.metadata.name}  {NOT_USED}")
    parameters = _parameters(_name_of(path), schemas, plan, wishes.quantiles)
    drop.objects = [
        ("params.json", json.dumps(parameters, indent=2).encode()),
        *others,
        (f"train/{path.stem}.csv", _target_file(table, plan, folder)),
    ]
    return drop


def given_drop(path: Path, wishes: Wishes, parameter_file: Path) -> Drop:
    """The user's own files, unmodified."""
    drop = Drop()
    for prefix, file in (
        ("", parameter_file),
        ("related/", wishes.related),
        ("metadata/", wishes.metadata),
        ("train/", path),
    ):
        if file is not None:
            if not file.is_file():
                raise DataError(f"{file}: no such file or directory")
            drop.objects.append((f"{prefix}{file.name}" if prefix else "params.json", file))
    return drop


def _plan(table: Table, wishes: Wishes) -> Plan:
    roles = guess_roles(table)
    require_timestamps(table, roles.timestamp, roles.notation)
    data_frequency = _data_frequency(table, roles, wishes)
    frequency = wishes.frequency or data_frequency
    history = history_length(table, roles, frequency)
    horizon = usual_horizon(frequency, history) if wishes.horizon is None else wishes.horizon
    require_sensible(table.path, data_frequency, frequency, horizon, history)
    gaps = steps_without_row(table, roles, frequency)
    return Plan(roles, _time_format(table, roles), data_frequency, frequency, history, horizon, *gaps)


def _data_frequency(table: Table, roles: Roles, wishes: Wishes) -> str:
    try:
        return guess_frequency(table, roles)
    except DataError:
        if wishes.frequency is None:
            raise
        return wishes.frequency


def _said(plan: Plan, wishes: Wishes) -> Iterator[str]:
    roles = plan.roles
    yield f"timestamp   {roles.timestamp} ({roles.notation.name})"
    yield f"item_id     {roles.item or 'none: one series'}"
    if roles.dimensions:
        yield f"dimensions  {', '.join(roles.dimensions)}"
    yield f"target      {roles.target}"
    for name, reason in roles.left_out.items():
        yield f"left out    {name} ({reason})"
    yield f"frequency   {plan.frequency}{'' if wishes.frequency else '  (guessed; --frequency overrides)'}"
    overrides = "" if wishes.horizon else "  (guessed; --horizon overrides)"
    yield f"horizon     {plan.horizon}, after {plan.history} steps of history{overrides}"
    if plan.without_row:
        found = f"{plan.without_row} of {plan.steps} steps"
        yield f"gaps        {found} have no row and count as 0  (--params can say otherwise)"


def _name_of(path: Path) -> str:
    name = re.sub(r"[^a-zA-Z0-9]+", "_", path.stem).strip("_")[:NAME_LENGTH]
    return name if name[:1].isalpha() else f"data_{name}".rstrip("_")


def attribute_name(column: str, number: int) -> str:
    """The column's name as a schema may have it: letters, digits and underscores, a letter first."""
    name = re.sub(r"[^a-zA-Z0-9]+", "_", column).strip("_")[:63]
    return name if name[:1].isalpha() else f"column_{number}"


def _dimension_names(roles: Roles) -> list[str]:
    names = [attribute_name(column, number) for number, column in enumerate(roles.dimensions, start=1)]
    reserved = {"timestamp", "item_id", "target_value"}
    return [f"dimension_{n}" if name in reserved or name in names[: n - 1] else name for n, name in enumerate(names, 1)]


def _attributes(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"Attributes": [{"AttributeName": name, "AttributeType": type_} for name, type_ in pairs]}


def _key_attributes(roles: Roles) -> list[tuple[str, str]]:
    return [("item_id", "string"), *((name, "string") for name in _dimension_names(roles))]


def _target_schema(plan: Plan) -> dict[str, Any]:
    schema = _attributes(("timestamp", "timestamp"), *_key_attributes(plan.roles), ("target_value", "float"))
    return {"DatasetType": "TARGET_TIME_SERIES", "DataFrequency": plan.data_frequency, "Schema": schema}


def _time_format(table: Table, roles: Roles) -> str:
    """Whole days stay dates, so that exports read as the user's own file does."""
    if roles.notation.native:
        return roles.notation.native
    reading = roles.notation.reading(quoted(roles.timestamp))
    timed = table.query(f"SELECT count(*) FROM data WHERE {reading} != date_trunc('day', {reading})")[0][0]
    return SECOND if timed else DAY


def _time_column(column: str, notation: Notation, time_format: str) -> str:
    pattern = {DAY: "%Y-%m-%d", SECOND: "%Y-%m-%d %H:%M:%S"}[time_format]
    return f"strftime({notation.reading(quoted(column))}, '{pattern}') AS timestamp"


def _key_columns(roles: Roles) -> list[str]:
    item = quoted(roles.item) if roles.item else f"'{ONE_SERIES}'"
    dimensions = zip(roles.dimensions, _dimension_names(roles), strict=True)
    return [f"{item} AS item_id", *(f"{quoted(column)} AS {quoted(name)}" for column, name in dimensions)]


def _target_file(table: Table, plan: Plan, folder: Path) -> Path:
    roles, time_format = plan.roles, plan.time_format
    if _fits_the_schema(table, plan):
        return table.path
    columns = [_time_column(roles.timestamp, roles.notation, time_format), *_key_columns(roles)]
    return _write(table, [*columns, f"{table.number(quoted(roles.target))} AS target_value"], folder / "target.csv")


def _fits_the_schema(table: Table, plan: Plan) -> bool:
    """Whether the file can go as it is: columns in the schema's order, and under its names if it names them."""
    roles = plan.roles
    in_order = (roles.timestamp, *roles.keys, roles.target) == table.columns
    names = ("timestamp", "item_id", *_dimension_names(roles), "target_value")
    named = table.columns == names or not table.has_header
    if not (in_order and named and roles.item and roles.notation.native and table.delimiter == ","):
        return False
    target = quoted(roles.target)
    rewritten = table.query(f"SELECT count(*) FROM data WHERE {target} IS DISTINCT FROM {table.number(target)}")
    return not rewritten[0][0]


def _write(table: Table, columns: list[str], target: Path) -> Path:
    """The columns in the order of the lines, so that a message about line 17 is about line 17 of the user's file."""
    header = "true" if table.has_header else "false"
    selection = f"SELECT {', '.join(columns)} FROM data ORDER BY line"
    table.connection.execute(f"COPY ({selection}) TO '{str(target).replace(chr(39), chr(39) * 2)}' (HEADER {header})")
    return target


def _related(path: Path, plan: Plan, folder: Path, sentences: list[str]) -> tuple[dict[str, Any], Path]:
    """A related file: the keys and timestamps of the target under the same names, and numbers known in the future."""
    roles, table = plan.roles, open_table(path)
    timestamp, notation = find_timestamp(table)
    require_timestamps(table, timestamp, notation)
    _require_columns(table, roles.keys)
    rest = [name for name in table.columns if name not in (timestamp, *roles.keys)]
    features = [name for name in rest if is_numeric(table, name)]
    if not features:
        raise DataError(f"{path}: has no column of numbers besides {', '.join((timestamp, *roles.keys))}")
    sentences.extend(f"left out    {name} of {path.name} (not numbers)" for name in rest if name not in features)
    names = [attribute_name(column, number) for number, column in enumerate(features, start=1)]
    schema = _attributes(("timestamp", "timestamp"), *_key_attributes(roles), *((name, "float") for name in names))
    columns = [_time_column(timestamp, notation, plan.time_format), *_key_columns(roles)]
    columns += [f"{table.number(quoted(c))} AS {quoted(name)}" for c, name in zip(features, names, strict=True)]
    document = {"DatasetType": "RELATED_TIME_SERIES", "DataFrequency": plan.frequency, "Schema": schema}
    return document, _write(table, columns, folder / "related.csv")


def _metadata(path: Path, roles: Roles, folder: Path) -> tuple[dict[str, Any], Path]:
    """An item metadata file: item_id under the name it has in the target file, and texts about it."""
    table = open_table(path)
    if roles.item is None:
        raise DataError(f"{path}: metadata describe items, and the target file has no item column")
    _require_columns(table, (roles.item,))
    about = [name for name in table.columns if name != roles.item]
    names = [attribute_name(column, number) for number, column in enumerate(about, start=1)]
    columns = [f"{quoted(roles.item)} AS item_id"]
    columns += [f"{quoted(column)} AS {quoted(name)}" for column, name in zip(about, names, strict=True)]
    schema = _attributes(("item_id", "string"), *((name, "string") for name in names))
    return {"DatasetType": "ITEM_METADATA", "Schema": schema}, _write(table, columns, folder / "metadata.csv")


def _require_columns(table: Table, names: tuple[str, ...]) -> None:
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise DataError(
            f"{table.path}: has no column {missing[0]}, as the target file has; found {', '.join(table.columns)}"
        )


def _digest(schema: dict[str, Any]) -> str:
    """A dataset keeps its schema for life, so a file with other columns gets a dataset of its own."""
    return hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()[:6]


def _parameters(name: str, schemas: list[dict[str, Any]], plan: Plan, quantiles: tuple[str, ...]) -> dict[str, Any]:
    suffix = {"TARGET_TIME_SERIES": "", "RELATED_TIME_SERIES": "_related", "ITEM_METADATA": "_metadata"}
    target = schemas[0]["Schema"]["Attributes"]
    dimensions = [
        a["AttributeName"] for a in target if a["AttributeName"] not in ("timestamp", "item_id", "target_value")
    ]
    predictor = {
        "PredictorName": name,
        "ForecastHorizon": plan.horizon,
        "ForecastFrequency": plan.frequency,
        "ForecastTypes": list(quantiles),
    }
    return {
        "DatasetGroup": {"DatasetGroupName": name, "Domain": "CUSTOM"},
        "Datasets": [
            {"DatasetName": f"{name}{suffix[schema['DatasetType']]}_{_digest(schema)}", "Domain": "CUSTOM", **schema}
            for schema in schemas
        ],
        "TimestampFormat": plan.time_format,
        "AutoPredictor": predictor | ({"ForecastDimensions": dimensions} if dimensions else {}),
        "Forecast": {"ForecastName": name, "ForecastTypes": list(quantiles)},
        "PerformDelete": False,
        "Pipeline": {"QuietSeconds": 0},
    }
