"""Whether the columns of raw files are new to the catalogue: a crawl costs more than a job, so it is the exception."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from forecast_pipeline.preparation.raw_files import FOLDER

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient


def are_new(glue: "GlueClient", database: str, bucket: str, columns: Iterable[str] | None) -> bool:
    """Whether no table over raw_data/ has these columns. Where only a job can tell them (None), any table will do."""
    wanted = {_plain(column) for column in columns or ()}
    return not any(wanted <= known for known in _tables(glue, database, bucket))


def _tables(glue: "GlueClient", database: str, bucket: str) -> Iterable[set[str]]:
    """The columns, partitions among them, of each table over raw_data/."""
    try:
        for page in glue.get_paginator("get_tables").paginate(DatabaseName=database):
            for table in page["TableList"]:
                descriptor = table.get("StorageDescriptor", {})
                if descriptor.get("Location", "").startswith(f"s3://{bucket}/{FOLDER}".rstrip("/")):
                    columns = [*descriptor.get("Columns", []), *table.get("PartitionKeys", [])]
                    yield {_plain(column["Name"]) for column in columns}
    except glue.exceptions.EntityNotFoundException:
        return


def _plain(name: str) -> str:
    """A name as the catalogue has it: small letters, and whatever is no letter or digit as an underscore."""
    return "".join(letter if letter.isalnum() else "_" for letter in name.strip().lower())
