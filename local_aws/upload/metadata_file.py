"""A file of item metadata: what is known about each item, also about those that have no history yet."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from forecast_contract.domains import ITEM_METADATA
from forecast_contract.sql import identifier
from forecast_language import counted, said
from local_aws.guessing.roles import Roles, is_numeric
from local_aws.guessing.table import DataError, Table, open_table
from local_aws.notations.column_names import names_a_thing
from local_aws.upload.bucket_file import attribute_names, write
from local_aws.upload.parameters import Dataset, schema
from local_aws.upload.user_file import RewrittenFile


@dataclass(frozen=True)
class MetadataFile:
    """The file; `attributes` maps a column to its attribute and that one's type."""

    table: Table
    item: str
    attributes: dict[str, tuple[str, str]]


def read_metadata(source: str | Path | Table, roles: Roles, decimal: str | None = None) -> MetadataFile:
    """Find out what is known about the items. DataError if the items' column is not there, or an item comes twice."""
    if roles.item is None:
        name = source.path if isinstance(source, Table) else source
        raise DataError(said("{file}: metadata describe items, and the target file has no item column", file=name))
    table = replace(open_table(source), decimal=decimal)
    if roles.item not in table.columns:
        found = ", ".join(table.columns)
        raise DataError(
            said(
                "{file}: has no column {item}, as the target file has; found {found}",
                file=table.path,
                item=roles.item,
                found=found,
            )
        )
    columns = [name for name in table.columns if name != roles.item]
    _require_each_once(table, roles.item)
    kinds = ["float" if is_numeric(table, name) and not names_a_thing(name) else "string" for name in columns]
    pairs = zip(attribute_names(columns, "column"), kinds, strict=True)
    return MetadataFile(table, roles.item, dict(zip(columns, pairs, strict=True)))


def write_metadata(metadata: MetadataFile, folder: Path) -> RewrittenFile:
    """The file under its schema's names."""
    names = {"item_id": metadata.item} | {name: column for column, (name, _) in metadata.attributes.items()}
    return write(RewrittenFile.of(metadata.table, "metadata", folder, names), metadata_columns(metadata))


def metadata_columns(metadata: MetadataFile) -> list[str]:
    """SQL for the columns under their schema's names, all of them texts."""
    columns = [f"{identifier(metadata.item)} AS item_id"]
    for column, (name, kind) in metadata.attributes.items():
        value = metadata.table.number(identifier(column)) if kind == "float" else identifier(column)
        columns.append(f"{value} AS {identifier(name)}")
    return columns


def dataset_of(metadata: MetadataFile) -> Dataset:
    """Its dataset in params.json, without the name."""
    return {"DatasetType": ITEM_METADATA, "Schema": schema(("item_id", "string"), *metadata.attributes.values())}


def sentences_of(metadata: MetadataFile, target: Table, roles: Roles) -> Iterator[str]:
    """Lines for the user: the attributes, and the items that stand in one of the two files alone."""
    file, item = metadata.table.path.name, identifier(metadata.item)
    yield from metadata.table.announcements
    yield said("metadata    {names} of {file}", names=", ".join(metadata.attributes), file=file)
    described = _items(metadata.table, item)
    sold = _items(target, item)
    new, unknown = len(described - sold), len(sold - described)
    if new and roles.dimensions:
        yield said(
            "left out    {items} of {file} (no history, and forecast by {dimensions})",
            items=_counted(new),
            file=file,
            dimensions=", ".join(roles.dimensions),
        )
    elif new:
        yield said(
            "new items   {items} of {file} without history, forecast like those that they resemble",
            items=_counted(new),
            file=file,
        )
    if unknown:
        yield said(
            "unknown     {items} of {other} not in {file}", items=_counted(unknown), other=target.path.name, file=file
        )


def _items(table: Table, item: str) -> set[str]:
    return {row[0] for row in table.query(f"SELECT DISTINCT {item} FROM data WHERE {item} IS NOT NULL")}


def _counted(items: int) -> str:
    return counted("{number} item", "{number} items", items)


def _require_each_once(table: Table, item: str) -> None:
    twice = table.query(
        f"""SELECT {identifier(item)}, min(line), max(line)
            FROM (SELECT DISTINCT ON (COLUMNS(* EXCLUDE line)) * FROM data)
            GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 LIMIT 1"""
    )
    if twice:
        name, first, last = twice[0]
        raise DataError(
            said(
                "{file}: {lines} both describe {item}, wanted one line per item",
                file=table.path,
                lines=table.lines(first, last),
                item=name,
            )
        )
