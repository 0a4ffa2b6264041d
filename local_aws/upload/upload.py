"""What goes into the data bucket: params.json and the files, with the columns its schema names."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_aws.guessing import plan
from local_aws.guessing.plan import Plan, Wishes, make_plan
from local_aws.guessing.table import DataError, Table, open_table, quoted
from local_aws.upload import metadata_file, related_file
from local_aws.upload.bucket_file import (
    dimension_names,
    item_column,
    key_attributes,
    renamed,
    schema,
    time_column,
    write,
)

NAME_LENGTH = 40  # of the 63 a name may have; the pipeline adds the run
SUFFIXES = {"TARGET_TIME_SERIES": "", "RELATED_TIME_SERIES": "_related", "ITEM_METADATA": "_metadata"}


@dataclass
class Drop:
    """Objects for the bucket in the order of arrival, and sentences on what was guessed."""

    objects: list[tuple[str, Path | bytes]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)


def guessed_drop(path: Path, wishes: Wishes, folder: Path) -> Drop:
    """Read the files, guess what was not said, and write into `folder` the files that must be written anew."""
    planned = make_plan(open_table(path), wishes)
    table = planned.table
    sentences = [*plan.sentences_of(planned, wishes)]
    datasets, files = [_target_dataset(planned)], []
    data: dict[str, Any] = {}
    configs = [{"AttributeName": "target_value", "Transformations": planned.fillings}] if planned.fillings else []
    if wishes.related:
        related = related_file.read_related(wishes.related, table, planned)
        configs += related.attribute_configs
        datasets.append(related_file.dataset_of(related, planned))
        files.append((f"related/{wishes.related.stem}.csv", related_file.write_related(related, planned, folder)))
        sentences += related_file.sentences_of(related)
    if wishes.metadata:
        metadata = metadata_file.read_metadata(wishes.metadata, planned.roles)
        datasets.append(metadata_file.dataset_of(metadata))
        files.append((f"metadata/{wishes.metadata.stem}.csv", metadata_file.write_metadata(metadata, folder)))
        sentences += metadata_file.sentences_of(metadata, table, planned.roles)
    if wishes.holidays:
        data["AdditionalDatasets"] = [{"Name": "holiday", "Configuration": {"CountryCode": [wishes.holidays]}}]
        sentences.append(f"holidays    {wishes.holidays}")
    if configs:
        data["AttributeConfigs"] = configs
    parameters = _parameters(_name_of(path), datasets, planned, wishes.quantiles, data)
    files.append((f"train/{path.stem}.csv", _target_file(planned, folder)))  # the last: it starts the run
    return Drop([("params.json", json.dumps(parameters, indent=2).encode()), *files], sentences)


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


def _name_of(path: Path) -> str:
    name = re.sub(r"[^a-zA-Z0-9]+", "_", path.stem).strip("_")[:NAME_LENGTH]
    return name if name[:1].isalpha() else f"data_{name}".rstrip("_")


def _target_dataset(planned: Plan) -> dict[str, Any]:
    dimensions = dimension_names(planned.roles).values()
    attributes = [("timestamp", "timestamp"), *key_attributes(dimensions), ("target_value", "float")]
    return {
        "DatasetType": "TARGET_TIME_SERIES",
        "DataFrequency": planned.data_frequency,
        "Schema": schema(*attributes),
    }


def _target_file(planned: Plan, folder: Path) -> Path:
    table, roles = planned.table, planned.roles
    if not planned.series_columns and _fits_the_schema(table, planned):
        return table.path
    columns = [
        time_column(roles.notation.reading(quoted(roles.timestamp)), planned.time_format),
        item_column(roles),
        *renamed(dimension_names(roles)),
        f"{table.number(quoted(roles.target))} AS target_value",
    ]
    return write(table, columns, folder / "target.csv")


def _fits_the_schema(table: Table, planned: Plan) -> bool:
    """Whether the file can go as it is: columns in the schema's order, and under its names if it names them."""
    roles = planned.roles
    in_order = (roles.timestamp, *roles.keys, roles.target) == table.columns
    names = ("timestamp", "item_id", *dimension_names(roles).values(), "target_value")
    named = table.columns == names or not table.has_header
    if not (in_order and named and roles.item and roles.notation.native and table.delimiter == ","):
        return False
    target = quoted(roles.target)
    rewritten = table.query(f"SELECT count(*) FROM data WHERE {target} IS DISTINCT FROM {table.number(target)}")
    return not rewritten[0][0]


def _digest(dataset: dict[str, Any]) -> str:
    """A dataset keeps its schema for life, so a file with other columns gets a dataset of its own."""
    return hashlib.sha256(json.dumps(dataset, sort_keys=True).encode()).hexdigest()[:6]


def _parameters(
    name: str, datasets: list[dict[str, Any]], planned: Plan, quantiles: tuple[str, ...], data: dict[str, Any]
) -> dict[str, Any]:
    dimensions = [*dimension_names(planned.roles).values()]
    predictor = {
        "PredictorName": name,
        "ForecastHorizon": planned.horizon,
        "ForecastFrequency": planned.frequency,
        "ForecastTypes": list(quantiles),
        **({"ForecastDimensions": dimensions} if dimensions else {}),
        **({"DataConfig": data} if data else {}),
        **({"ExplainPredictor": True} if "AdditionalDatasets" in data or len(datasets) > 1 else {}),
    }
    return {
        "DatasetGroup": {"DatasetGroupName": name, "Domain": "CUSTOM"},
        "Datasets": [
            {"DatasetName": f"{name}{SUFFIXES[each['DatasetType']]}_{_digest(each)}", "Domain": "CUSTOM", **each}
            for each in datasets
        ],
        "TimestampFormat": planned.time_format,
        "AutoPredictor": predictor,
        "Forecast": {"ForecastName": name, "ForecastTypes": list(quantiles)},
        "PerformDelete": False,
        "Pipeline": {"QuietSeconds": 0},
    }
