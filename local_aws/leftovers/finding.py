"""Finds what a deleted stack has left, by the mark that template.yaml and publish_forecast put on what is theirs.

The mark is the tag ``almanac_stack`` of buckets, tables and keys and the parameter of that name of Glue tables: it says
the stack's name, and is there when the stack no longer is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from forecast_language import said
from local_aws.leftovers.leftover import Bucket, CatalogTable, Key, Leftover, RecordsTable
from local_aws.operating.stack import Clients

MARK = "almanac_stack"
GONE = ("NoSuchBucket", "ResourceNotFoundException", "NotFoundException")  # tags outlive a resource for some time


@dataclass(frozen=True)
class Found:
    """What has the stack's mark, and the names of Glue tables without it that lie over the stack's buckets."""

    marked: list[Leftover]
    unmarked: list[str]


def status_of_stack(clients: Clients, stack: str) -> str | None:
    """The status of the stack that is there by this name; None if there is none."""
    try:
        (found,) = clients("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":  # how CloudFormation says that there is none
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else str(found["StackStatus"])


def find_leftovers(clients: Clients, stack: str) -> Found:
    """All that carries the mark of the stack, in the region of the clients: tables first, then buckets, then keys."""
    arns = list(_marked_arns(clients("resourcegroupstaggingapi"), stack))
    buckets = [Bucket(clients("s3"), name) for name in _present(clients("s3").head_bucket, "Bucket", _buckets(arns))]
    own, others = _catalog_tables(clients("glue"), stack, [bucket.bucket for bucket in buckets])
    dynamodb, kms = clients("dynamodb"), clients("kms")
    tables = [arn.partition(":table/")[2] for arn in arns if arn.split(":")[2] == "dynamodb" and ":table/" in arn]
    keys = [arn.partition(":key/")[2] for arn in arns if arn.split(":")[2] == "kms" and ":key/" in arn]
    records = [RecordsTable(dynamodb, name) for name in _present(dynamodb.describe_table, "TableName", tables)]
    left = [Key(kms, name) for name in keys if _is_left(kms, name)]
    return Found([*own, *records, *buckets, *left], others)


def _marked_arns(client: Any, stack: str) -> Iterable[str]:
    pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": MARK, "Values": [stack]}])
    return (resource["ResourceARN"] for page in pages for resource in page["ResourceTagMappingList"])


def _buckets(arns: list[str]) -> list[str]:
    return [arn.split(":")[5] for arn in arns if arn.split(":")[2] == "s3"]


def _present(ask: Callable[..., Any], parameter: str, names: Iterable[str]) -> Iterable[str]:
    """The names of those that are still there."""
    for name in names:
        try:
            ask(**{parameter: name})
        except ClientError as error:
            if error.response["Error"]["Code"] not in (*GONE, "404"):
                raise
        else:
            yield name


def _is_left(kms: Any, key_id: str) -> bool:
    return bool(kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] != "PendingDeletion")


def _catalog_tables(glue: Any, stack: str, buckets: list[str]) -> tuple[list[CatalogTable], list[str]]:
    own, others = [], []
    places = tuple(f"s3://{bucket}/" for bucket in buckets)
    for page in glue.get_paginator("get_databases").paginate():
        for database in (each["Name"] for each in page["DatabaseList"]):
            for table in _tables(glue, database):
                location = table.get("StorageDescriptor", {}).get("Location", "")
                if table.get("Parameters", {}).get(MARK) == stack:
                    own.append(CatalogTable(glue, database, table["Name"], location))
                elif location.startswith(places):
                    others.append(
                        said(
                            "Glue table {database}.{table}, over {location}",
                            database=database,
                            table=table["Name"],
                            location=location,
                        )
                    )
    return own, others


def _tables(glue: Any, database: str) -> Iterable[dict[str, Any]]:
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=database)
    return (table for page in pages for table in page["TableList"])
