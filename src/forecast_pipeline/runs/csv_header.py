"""The first lines of a data file, checked before anything is created: encoding, columns, timestamps, numbers.

The import checks every line; a wrong file is cheaper to refuse here. Nothing is refused here that an import takes:

- a header is optional;
- empty lines and empty values pass;
- rows of another length than the first pass, since the import leaves them out (docs/decisions/0301);
- a file without rows passes beside others that have some.
"""

import csv
import io
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from forecast_contract.domains import DOMAINS, NUMBER_TYPES
from forecast_contract.timestamp_formats import DATE, DATE_AND_TIME, DATE_AND_TIME_IN_NOTEBOOKS, parses, strptime_format
from forecast_pipeline.parameters.requests import CreateDatasetRequest
from forecast_pipeline.runs.data_files import DataFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HEAD_BYTES = 65_536
CHECKED_FILES = 50  # of one folder; some 20 ms each
MISSING = {"", "nan", "null"}
IDENTIFIER_WORDS = ("item_id", "item", "itemid", "sku", "product", "product_id", "productid", "id")
PARQUET_MAGIC = b"PAR1"
FORMATS = {name: strptime_format(name) for name in (DATE, DATE_AND_TIME, DATE_AND_TIME_IN_NOTEBOOKS)}
Row = tuple[int, list[str]]  # number of the line, its fields


class DataFileError(ValueError):
    """A file that no import would take; the message says file, line, found and wanted."""


def check_files(
    s3: "S3Client", bucket: str, files: Sequence[DataFile], dataset: CreateDatasetRequest, timestamp_format: str
) -> None:
    """Raise DataFileError for the first file whose first lines do not fit the dataset, or if no file has a row.

    At most CHECKED_FILES files are looked at.
    """
    with_bytes = [file for file in files if file.size]
    row_count = 0
    for file in with_bytes[:CHECKED_FILES]:
        head = s3.get_object(Bucket=bucket, Key=file.key, Range=f"bytes=0-{HEAD_BYTES - 1}")["Body"].read()
        row_count += check_first_lines(file.key, head, file.size > len(head), dataset, timestamp_format)
    if row_count == 0 and len(with_bytes) <= CHECKED_FILES:
        where = files[0].key if len(files) == 1 else f"{len(files)} files in {files[0].key.partition('/')[0]}/"
        raise DataFileError(f"{where}: found no rows of data, wanted rows of {_columns(dataset)}.")


def check_first_lines(key: str, head: bytes, cut: bool, dataset: CreateDatasetRequest, timestamp_format: str) -> int:
    """Check the first bytes of a file, ``cut`` if it goes on after them; return how many rows of data they hold."""
    rows = list(_rows(_text(key, head, cut)))
    if not rows:
        return 0
    line, fields = rows[0]
    if len(fields) != len(dataset.Schema.Attributes):
        raise DataFileError(f"{key}, line {line}: found {_count(fields)}, wanted {_columns(dataset)}.")
    if _is_header(fields, dataset):
        _check_header(key, rows.pop(0), dataset)
    elif _names_an_identifier(fields, dataset):
        raise DataFileError(
            f"{key}, line {line}: found {', '.join(fields)}, which would be taken for an item; "
            f"wanted the names of the schema ({', '.join(_names(dataset))}), or no header."
        )
    rows = [row for row in rows if len(row[1]) == len(dataset.Schema.Attributes)]
    for row in rows:
        if complaint := _complaint(row, dataset, timestamp_format):
            raise DataFileError(f"{key}, {complaint}.")
    return len(rows)


def _text(key: str, head: bytes, cut: bool) -> str:
    if head.startswith(PARQUET_MAGIC):
        raise DataFileError(f"{key}: found a Parquet file, wanted CSV.")
    whole = head[: head.rfind(b"\n") + 1] if cut else head  # the last line may be cut, even inside a character
    try:
        return whole.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = whole[: error.start].count(b"\n") + 1
        raise DataFileError(
            f"{key}, line {line}: found bytes that are not UTF-8, wanted a CSV file in UTF-8."
        ) from error


def _rows(text: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""))
    for fields in reader:
        if any(field.strip() for field in fields):
            yield reader.line_num, fields


def _complaint(row: Row, dataset: CreateDatasetRequest, timestamp_format: str) -> str | None:
    """The clause about the first field that is not of its attribute's type."""
    line, fields = row
    for attribute, field in zip(dataset.Schema.Attributes, fields, strict=True):
        value = field.strip()
        if value.lower() in MISSING:
            continue
        clause = f"line {line}, {attribute.AttributeName}: found {_shown(value)}"
        if attribute.AttributeType == "timestamp" and not parses(value, FORMATS[timestamp_format]):
            return f"{clause}, wanted a timestamp as {timestamp_format}"
        if attribute.AttributeType in NUMBER_TYPES and not _is_number(value):
            return f"{clause}, wanted a number"
        if attribute.AttributeType in NUMBER_TYPES and not math.isfinite(float(value)):
            return f"{clause}, wanted a finite number"
    return None


def _is_header(fields: Sequence[str], dataset: CreateDatasetRequest) -> bool:
    """The schema's names, or no field that is a value of a timestamp or number column: names, not data."""
    if sorted(field.strip().lower() for field in fields) == sorted(name.lower() for name in _names(dataset)):
        return True
    typed = [
        field.strip()
        for attribute, field in zip(dataset.Schema.Attributes, fields, strict=True)
        if attribute.AttributeType in ("timestamp", *NUMBER_TYPES)
    ]
    return bool(typed) and not any(_is_number(value) or _is_any_timestamp(value) for value in typed)


def _names_an_identifier(fields: Sequence[str], dataset: CreateDatasetRequest) -> bool:
    """Whether the first row of a dataset of texts alone holds a name of the identifier in the identifier's column.

    No value of such a row tells a header from data.
    """
    if any(attribute.AttributeType != "string" for attribute in dataset.Schema.Attributes):
        return False
    identifier = DOMAINS[dataset.Domain].identifier
    return fields[_names(dataset).index(identifier)].strip().lower() in {identifier, *IDENTIFIER_WORDS}


def _is_any_timestamp(value: str) -> bool:
    return any(parses(value, pattern) for pattern in FORMATS.values())


def _check_header(key: str, row: Row, dataset: CreateDatasetRequest) -> None:
    """Any names may stand in a header, but the schema's names in another order are a sure mistake."""
    columns, attributes = [field.strip() for field in row[1]], _names(dataset)
    in_file, in_schema = [name.lower() for name in columns], [name.lower() for name in attributes]
    if in_file != in_schema and sorted(in_file) == sorted(in_schema):
        raise DataFileError(
            f"{key}, line {row[0]}: found the columns {', '.join(columns)}, "
            f"wanted the order of the schema of dataset {dataset.DatasetName}: {', '.join(attributes)}."
        )


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _shown(value: str) -> str:
    """A field in quotes, cut where it is long."""
    return repr(value if len(value) <= 60 else f"{value[:57]}...")


def _names(dataset: CreateDatasetRequest) -> list[str]:
    return [attribute.AttributeName for attribute in dataset.Schema.Attributes]


def _columns(dataset: CreateDatasetRequest) -> str:
    return f"{len(dataset.Schema.Attributes)} columns ({', '.join(_names(dataset))})"


def _count(fields: Sequence[str]) -> str:
    return f"{len(fields)} column{'s' if len(fields) != 1 else ''}"
