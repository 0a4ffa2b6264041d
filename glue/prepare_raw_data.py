"""The Glue job: raw files of any layout become the rows of ``train/``, ``related/`` and ``metadata/``.

One argument, ``--plan``: the JSON that plan_preparation made of params.json and of the heads of the files. Plain Spark
on ``s3://`` addresses, without awsglue: the same file runs in Glue and on a laptop, on Spark 3.5 and on 4.1.

    {"Outputs": [{"Source": ["s3://b/raw_data/sales.csv"], "Reader": "csv", "Format": {"sep": ",", "encoding": "UTF-8"},
                  "Wide": {"Ids": ["item"], "Name": "timestamp", "Value": "target_value"},       only a column per date
                  "Columns": [{"Name": "timestamp", "From": "date", "Type": "timestamp", "Formats": ["yyyy/M/d"]},
                              {"Name": "item_id", "From": "item", "Type": "string"},
                              {"Name": "target_value", "From": "sold", "Type": "float", "DecimalComma": true,
                               "Thousands": ".", "Optional": true}],
                  "Keys": ["timestamp", "item_id"], "Duplicates": "sum", "Target": "s3://b/tmp/prepared/RUN/train/"}],
     "Quarantine": "s3://b/quarantine/RUN/", "MaxLeftOutShare": 0.0}

Every row that is read is either used or stands in the quarantine, with its reason, its texts and the key of its file.
Nothing below a Target is written where more rows are left out than MaxLeftOutShare, or where a file is refused.
"""

import csv
import io
import json
import re
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its usual name

Document = dict[str, Any]

SETTINGS = {
    "spark.sql.ansi.enabled": "false",  # Spark 4 would end the job at the first "seven" instead of judging it
    "spark.sql.legacy.javaCharsets": "true",  # Spark 4 knows UTF and Latin alone otherwise; Korean files are EUC-KR
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",  # what is no date is null, whatever Spark 2 made of it
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "true",
    "spark.sql.csv.parser.columnPruning.enabled": "false",  # else a row of another number of fields goes unnoticed
    "spark.sql.files.maxPartitionBytes": str(1 << 28),
    "spark.sql.adaptive.advisoryPartitionSizeInBytes": str(1 << 28),  # one file of ten rows, not four
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
}
PART_BYTES = 1 << 28  # of a file that is written, about
ROW_BYTES_WHERE_UNKNOWN = 40
HEAD_BYTES = 1 << 18
HEADS_AT_A_TIME = 16
SUBSETS = {"x-windows-949": "EUC-KR"}  # a Java that lacks the first may have the second, which agrees as far as it goes
MALFORMED, FILE, REASON, RAW, ORDER = "_malformed", "_file", "_reason", "_raw", "_order"
PROBLEM = "\0"  # begins what is wrong with a value, in the place of its text
PLAIN_NUMBER = f"0.{'#' * 330}"  # Java's pattern for a double without an exponent, with the fewest digits
EXACT_DECIMAL = r"^-?\d{0,20}(\.\d{0,15})?$"  # what a decimal(38,15) holds, and so adds up exactly


class RefusedError(Exception):
    """The files cannot be prepared; the message says which file, what was found and what was wanted."""


@dataclass(frozen=True)
class Rows:
    """What was read: column ``c0`` of ``frame`` is ``names[0]``, and so on; beside them MALFORMED and FILE."""

    frame: DataFrame
    names: list[str]
    malformed: str  # why a row without its columns is left out
    row_bytes: int

    def column(self, name: str) -> Column:
        """The column of that name."""
        return F.col(f"c{self.names.index(name)}")

    def require(self, name: str, source: str) -> None:
        """RefusedError unless the files have one such column."""
        if self.names.count(name) != 1:
            found = "twice" if name in self.names else f"only {', '.join(self.names)}"
            raise RefusedError(f"{source}: found {found}, wanted one column {name!r}")


@dataclass(frozen=True)
class Prepared:
    """One output of the plan: its judged rows, and how many were read and left out."""

    output: Document
    judged: DataFrame
    row_bytes: int
    counts: Document


def main(arguments: list[str]) -> None:
    """Prepare what the plan says. SystemExit with one sentence where that cannot be done."""
    spark = SparkSession.builder.appName("prepare_raw_data").getOrCreate()
    try:
        prepare(spark, json.loads(arguments[arguments.index("--plan") + 1]))
    except RefusedError as refusal:
        raise SystemExit(str(refusal)) from None
    except (Py4JJavaError, PySparkException) as error:
        raise SystemExit(root_cause(error)) from error


def prepare(spark: SparkSession, plan: Document) -> None:
    """Judge the rows of every output, write what is left out and the counts, then the outputs. Or RefusedError."""
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    prepared = [judge(spark, output) for output in plan["Outputs"]]
    for one in prepared:
        if one.counts["LeftOut"]:
            left_out = one.judged.where(F.col(REASON).isNotNull())
            target = F.lit(one.output["Target"]).alias("target")
            texts = left_out.select(target, F.col(FILE).alias("_source"), REASON, RAW)
            texts.write.mode("append").json(f"{plan['Quarantine']}rows")
    counts = json.dumps([one.counts for one in prepared], ensure_ascii=False)
    spark.range(1, numPartitions=1).select(F.lit(counts)).write.mode("overwrite").text(f"{plan['Quarantine']}counts")
    _refuse_too_many(prepared, plan)
    for one in prepared:
        write(one)


def _refuse_too_many(prepared: list[Prepared], plan: Document) -> None:
    wrong = []
    for one in prepared:
        counts, kind = one.counts, re.sub(r"^\w+://[^/]*/(.*tmp/prepared/[^/]*/)?", "", one.output["Target"])
        reasons = "; ".join(f"{reason}: {number}" for reason, number in sorted(counts["Reasons"].items()))
        if counts["LeftOut"] > plan["MaxLeftOutShare"] * counts["Read"]:
            share = f"{counts['LeftOut']} of {counts['Read']} rows cannot be used for {kind} ({reasons})"
            wrong.append(f"{key_of(one.output['Source'][0])}: {share}")
        elif not counts["Used"]:
            wrong.append(f"{key_of(one.output['Source'][0])}: none of {counts['Read']} rows can be used for {kind}")
    if wrong:
        raise RefusedError(f"{'; '.join(wrong)}; they are in {plan['Quarantine']}rows/")


# Reading: every value is the text of its file, but for the types of Parquet.


def read(spark: SparkSession, output: Document) -> Rows:
    """The rows of the sources, all of one layout; RefusedError where a file is empty, unlike another, or unreadable."""
    reader = {"csv": _read_csv, "json": _read_json, "parquet": _read_parquet}[output["Reader"]]
    rows = reader(spark, output["Source"], output)
    return Rows(rows.frame.withColumn(FILE, F.col("_metadata.file_path")), rows.names, rows.malformed, rows.row_bytes)


def _read_csv(spark: SparkSession, files: list[str], output: Document) -> Rows:
    layout = {"sep": ",", "encoding": "UTF-8"} | output.get("Format", {})
    layout["encoding"] = _charset(spark, layout["encoding"], files[0])
    with ThreadPoolExecutor(HEADS_AT_A_TIME) as threads:
        heads = list(threads.map(lambda file: _csv_head(spark, file, layout), files))
    names, row_bytes = heads[0]
    for file, (others, _) in zip(files, heads, strict=True):
        if others != names:
            found, wanted = ", ".join(others), ", ".join(names)
            raise RefusedError(
                f"{key_of(file)}: found the columns {found}; wanted those of {key_of(files[0])}: {wanted}"
            )
    schema = ", ".join([*(f"c{index} string" for index in range(len(names))), f"{MALFORMED} string"])
    frame = spark.read.csv(
        [_without_pattern(file) for file in files],
        schema=schema,
        header=True,
        multiLine=_breaks_within_quotes(spark, files, layout["encoding"]),
        quote='"',
        escape='"',
        mode="PERMISSIVE",
        columnNameOfCorruptRecord=MALFORMED,
        maxColumns=len(names) + 1000,
        **layout,
    )
    return Rows(frame, names, f"not {len(names)} fields", row_bytes)


def _csv_head(spark: SparkSession, file: str, layout: Document) -> tuple[list[str], int]:
    """The names of the columns, and about how many bytes a row has."""
    head, whole = _head(spark, file)
    text = spark._jvm.java.lang.String(head, layout["encoding"]).removeprefix("\ufeff")
    records = [record for record in csv.reader(io.StringIO(text, newline=""), delimiter=layout["sep"]) if record]
    if whole and len(records) < 2:
        found = "a header and no rows" if records else "an empty file"
        raise RefusedError(f"{key_of(file)}: found {found}, wanted a header and rows")
    return records[0], max(len(head) // len(records), 1)


def _breaks_within_quotes(spark: SparkSession, files: list[str], encoding: str) -> bool:
    """Whether a quoted field may run over two lines: then a file is read in one go, not line by line in parts.

    A quotation mark is the byte 0x22 in every encoding but those of two and four bytes.
    """
    if re.match(r"(?i)(x-)?utf-?(16|32)", encoding):
        return True
    lines = spark.read.text([_without_pattern(file) for file in files])
    without = F.replace(F.col("value"), F.lit('"'), F.lit(""))
    odd = (F.octet_length("value") - F.octet_length(without)) % 2 == 1
    return not lines.where(odd).isEmpty()


def _read_json(spark: SparkSession, files: list[str], output: Document) -> Rows:
    names = sorted({column["From"] for column in output["Columns"]} | set(filter(None, [output.get("OrderBy")])))
    found: set[str] = set()
    for file in files:
        head, whole = _head(spark, file)
        lines = [line for line in head.split(b"\n")[: None if whole else -1] if line.strip()]
        if not lines or lines[0].lstrip().startswith(b"["):
            what = "a JSON array" if lines else "an empty file"
            raise RefusedError(f"{key_of(file)}: found {what}, wanted a JSON object on each line")
        found |= {name for line in lines for name in _members(line)}
    for name in names:
        if name not in found:
            raise RefusedError(f"{key_of(files[0])}: found only {', '.join(sorted(found))}, wanted one column {name!r}")
    schema = ", ".join(f"`{name.replace('`', '``')}` string" for name in [*names, MALFORMED])
    paths = [_without_pattern(file) for file in files]
    frame = spark.read.json(paths, schema=schema, mode="PERMISSIVE", columnNameOfCorruptRecord=MALFORMED)
    numbered = frame.select(*_numbered(names), MALFORMED, "_metadata")
    return Rows(numbered, names, "no JSON object", ROW_BYTES_WHERE_UNKNOWN)


def _members(line: bytes) -> list[str]:
    try:
        document = json.loads(line)
    except ValueError:
        return []
    return list(document) if isinstance(document, dict) else []


def _read_parquet(spark: SparkSession, files: list[str], _output: Document) -> Rows:
    frame = spark.read.parquet(*map(_without_pattern, files))
    for file in files[1:]:
        others = spark.read.parquet(_without_pattern(file))
        if others.dtypes != frame.dtypes:
            found, wanted = (", ".join(map(" ".join, one.dtypes)) for one in (others, frame))
            raise RefusedError(
                f"{key_of(file)}: found the columns {found}; wanted those of {key_of(files[0])}: {wanted}"
            )
    numbered = frame.select(*_numbered(frame.columns), F.lit(None).cast("string").alias(MALFORMED), "_metadata")
    return Rows(numbered, frame.columns, "", ROW_BYTES_WHERE_UNKNOWN)


def _numbered(names: list[str]) -> list[Column]:
    return [F.col(f"`{name.replace('`', '``')}`").alias(f"c{index}") for index, name in enumerate(names)]


def _melted(rows: Rows, wide: Document) -> Rows:
    """A row for each column that is no identifier: its name, and its value."""
    values = [name for name in rows.names if name not in wide["Ids"]]
    cells = F.array(*(F.col(f"c{index}") for index, name in enumerate(rows.names) if name not in wide["Ids"]))
    one_cell = F.when(F.col(MALFORMED).isNull(), cells).otherwise(F.array(F.lit(None).cast("string")))
    ids = [rows.column(name).alias(f"c{index}") for index, name in enumerate(wide["Ids"])]
    exploded = rows.frame.select(*ids, MALFORMED, FILE, F.posexplode(one_cell))
    count = len(wide["Ids"])
    name = F.array(*map(F.lit, values))[F.col("pos")].alias(f"c{count}")
    kept = [*(f"c{index}" for index in range(count)), name, F.col("col").alias(f"c{count + 1}"), MALFORMED, FILE]
    names = [*wide["Ids"], wide["Name"], wide["Value"]]
    return Rows(exploded.select(*kept), names, rows.malformed, ROW_BYTES_WHERE_UNKNOWN)


# Judging: what each value is as text of the written file, and why a row cannot be used.


def judge(spark: SparkSession, output: Document) -> Prepared:
    """The rows as they are written, with the reason of those that cannot be, counted."""
    rows = read(spark, output)
    source = key_of(output["Source"][0])
    wide = output.get("Wide")
    if wide:
        for name in wide["Ids"]:
            rows.require(name, source)
        rows = _melted(rows, wide)
    for name in [*(column["From"] for column in output["Columns"]), *filter(None, [output.get("OrderBy")])]:
        rows.require(name, source)
    types = dict(rows.frame.dtypes)
    verdicts = {
        column["Name"]: _verdict(
            rows.column(column["From"]),
            types[f"c{rows.names.index(column['From'])}"],
            column,
            output.get("Format", {}).get("encoding", "UTF-8"),
        )
        for column in output["Columns"]
    }
    kept = [*(f"c{index}" for index in range(len(rows.names))), MALFORMED, FILE, _order(rows, output).alias(ORDER)]
    judged = _judged(
        rows.frame.select(*(verdict.alias(name) for name, verdict in verdicts.items()), *kept), rows, output
    )
    judged = judged.persist()  # or every row would be read and judged again to be written
    tally = {row[REASON]: row["count"] for row in judged.groupBy(REASON).count().collect()}
    reasons = {reason: number for reason, number in tally.items() if reason is not None}
    used, left_out = tally.get(None, 0), sum(reasons.values())
    counts = {"Read": used + left_out, "Used": used, "LeftOut": left_out, "Reasons": reasons}
    return Prepared(output, judged, rows.row_bytes, {"Target": output["Target"]} | counts)


def _judged(verdicts: DataFrame, rows: Rows, output: Document) -> DataFrame:
    """Beside the texts the reason of a row that cannot be used, and what such a row was and in which file."""
    names = [column["Name"] for column in output["Columns"]]
    problems = [F.when(F.col(name).startswith(PROBLEM), F.substring(name, len(PROBLEM) + 1, 1000)) for name in names]
    reason = F.coalesce(F.when(F.col(MALFORMED).isNotNull(), F.lit(rows.malformed)), *problems)
    fields = F.struct(*(F.col(f"c{index}").alias(name) for index, name in enumerate(rows.names)))
    raw = F.coalesce(F.col(MALFORMED), F.to_json(fields, {"ignoreNullFields": "false"}))
    address = F.url_decode(F.replace(F.col(FILE), F.lit("+"), F.lit("%2B")))  # url_decode takes + for a blank
    key = F.regexp_extract(address, r"^\w+:/*[^/]*/(.*)$", 1)
    is_left_out = reason.isNotNull()
    told = [F.when(is_left_out, raw).alias(RAW), F.when(is_left_out, key).alias(FILE)]
    return verdicts.select(*names, reason.alias(REASON), *told, ORDER)


def _verdict(value: Column, kind: str, column: Document, encoding: str) -> Column:
    """The value as it is written, null where it is missing, and PROBLEM with a reason where it cannot be used."""
    name, text = column["Name"], F.trim(value.cast("string"))
    blank = value.isNull() | (text == "")
    if column["Type"] == "timestamp":
        written, wrong = _timestamp_text(value, kind, column), f"{name} is no {' or '.join(column['Formats'])}"
    elif column["Type"] in ("float", "integer"):
        blank = blank | (F.lower(text) == "nan")  # missing, as in every import
        is_whole = column["Type"] == "integer"
        written, wrong = _number_text(value, kind, column), f"{name} is no {'whole ' if is_whole else ''}number"
    else:
        written = F.when(~value.cast("string").rlike("\ufffd|^\0"), value.cast("string"))
        wrong = f"{name} is not in {encoding}"
    empty = F.lit(None if column.get("Optional") else f"{PROBLEM}{name} is empty").cast("string")
    return F.when(blank, empty).otherwise(F.coalesce(written, F.lit(PROBLEM + wrong)))


def _timestamp_text(value: Column, kind: str, column: Document) -> Column:
    return F.date_format(_timestamp(value, kind, column), column.get("Written", "yyyy-MM-dd"))


def _timestamp(value: Column, kind: str, column: Document) -> Column:
    if kind.startswith(("date", "timestamp")):
        return value.cast("timestamp")
    raw = F.trim(value)
    moments = (
        F.when(raw.rlike(_shape(pattern)), F.try_to_timestamp(raw, F.lit(pattern))) for pattern in column["Formats"]
    )
    return F.coalesce(*moments)


def _shape(pattern: str) -> str:
    """What texts of a pattern look like, roughly: to try a pattern in vain costs Java a stack trace for every row."""
    if re.search(r"[\[\]]", pattern):
        return ""
    shape = ""
    for token in re.finditer(r"'((?:[^']|'')*)'|(([A-Za-z])\3*)|.", pattern):
        quoted, letters, letter = token.groups()
        if quoted is not None:
            shape += re.escape(quoted.replace("''", "'") or "'")
        elif letters is None:
            shape += re.escape(token[0])
        elif letter in "yu":
            shape += r"\d{1,4}"
        else:
            shape += r"\d+" if letter in "dHhkKmsS" or (letter == "M" and len(letters) < 3) else ".+"
    return f"^{shape}$"


def _number_text(value: Column, kind: str, column: Document) -> Column:
    """Digits as they were written, without groups, with a point, without an exponent; null if it is no such number."""
    is_whole = column["Type"] == "integer"
    if kind != "string":
        return _typed_number_text(value, kind, is_whole)
    group = {" ": "[ \u00a0\u202f]", "'": "['\u2019]"}.get(column.get("Thousands") or "", column.get("Thousands"))
    group = re.escape(group) if group and len(group) == 1 else group
    point = "," if column.get("DecimalComma") else r"\."
    digits = rf"(?:\d+|\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}})" if group else r"\d+"
    number = (
        rf"{digits}(?:{point}0*)?" if is_whole else rf"(?:{digits}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d{{1,3}})?"
    )
    raw = F.trim(value)
    plain = F.regexp_replace(F.regexp_replace(raw, group, "") if group else raw, point, ".")
    plain = F.regexp_replace(F.regexp_replace(plain, r"^\+", ""), r"\.0*$" if is_whole else r"\.$", "")
    exponent = F.call_function("format_number", plain.cast("double"), F.lit(PLAIN_NUMBER))
    is_plain_already = raw.rlike(r"^-?\d+$" if is_whole or group or point == "," else r"^-?\d+(\.\d+)?$")
    changed = F.when(raw.rlike("[eE]"), exponent).otherwise(plain)
    return F.when(is_plain_already, raw).when(raw.rlike(rf"^[+-]?{number}$"), changed)


def _typed_number_text(value: Column, kind: str, is_whole: bool) -> Column:
    if kind.endswith("int"):
        return value.cast("string")
    double = value.cast("string").cast("double")  # by the text, or a float shows its digits beyond the seventh
    proper = ~(F.isnan(double) | (F.abs(double) == float("inf")))
    number = value if kind.startswith("decimal") else double
    text = F.call_function("format_number", number, F.lit(PLAIN_NUMBER))
    return F.when(proper & (F.floor(double) == double) if is_whole else proper, text)


def _order(rows: Rows, output: Document) -> Column:
    """By what the last of several rows is told: as a time or a number where the column is one, else as text."""
    if output.get("Duplicates") != "last":
        return F.lit(None).cast("string")
    name = output["OrderBy"]
    value, kind = rows.column(name), dict(rows.frame.dtypes)[f"c{rows.names.index(name)}"]
    column = next((column for column in output["Columns"] if column["From"] == name), {"Type": "string"})
    if column["Type"] == "timestamp":
        return _timestamp(value, kind, column)
    return _number_text(value, kind, column).cast("double") if column["Type"] in ("float", "integer") else value


# Writing: one row for each combination of keys where the plan wants that, as CSV by RFC 4180, without a header.


def write(prepared: Prepared) -> None:
    """Write the rows that can be used below the target; RefusedError where rows of one key contradict each other."""
    output = prepared.output
    used = prepared.judged.where(F.col(REASON).isNull())
    rows = _one_per_key(used, output)
    line = F.concat_ws(",", *(_field(column) for column in output["Columns"]))
    most = max(PART_BYTES // prepared.row_bytes, 1)
    rows.select(line.alias("value")).write.mode("overwrite").option("maxRecordsPerFile", most).text(output["Target"])
    prepared.judged.unpersist()


def _field(column: Document) -> Column:
    text = F.coalesce(F.col(column["Name"]), F.lit(""))
    if column["Type"] in ("timestamp", "float", "integer"):
        return text
    quoted = F.concat(F.lit('"'), F.replace(text, F.lit('"'), F.lit('""')), F.lit('"'))
    return F.when(text.rlike('[",\r\n]'), quoted).otherwise(text)


def _one_per_key(used: DataFrame, output: Document) -> DataFrame:
    how, keys = output.get("Duplicates", "keep"), output["Keys"]
    names = [column["Name"] for column in output["Columns"]]
    if how == "keep":
        return used
    if how == "refuse":
        found = used.groupBy(*keys).count().where("count > 1").orderBy(*keys).head()
        if found:
            times = f"found {found['count']} rows, wanted one"
            raise RefusedError(f"{key_of(output['Source'][0])}: {_said(found, keys)}: {times}")
        return used
    others = [column for column in output["Columns"] if column["Name"] not in keys]
    if how == "last":
        rest = F.struct(*(column["Name"] for column in others))
        last = used.groupBy(*keys).agg(F.max_by(rest, F.struct(ORDER, rest)).alias("rest"))
        return last.select(*keys, "rest.*").select(*names)
    numbers = [column["Name"] for column in others if column["Type"] in ("float", "integer") and how != "distinct"]
    texts = [column["Name"] for column in others if column["Name"] not in numbers]
    grouped = used.groupBy(*keys).agg(
        *(_combined(F.col(name), how).alias(name) for name in numbers),
        *(F.min(name).alias(f"_least {name}") for name in texts),
        *(F.max(name).alias(name) for name in texts),
    )
    for name in texts:
        found = grouped.where(F.col(f"`_least {name}`") != F.col(name)).orderBy(*keys).head()
        if found:
            both = f"found {name} {found[f'_least {name}']!r} and {found[name]!r}, wanted one"
            raise RefusedError(f"{key_of(output['Source'][0])}: {_said(found, keys)}: {both}")
    return grouped


def _combined(text: Column, how: str) -> Column:
    """The sum, mean or largest of numbers that are texts; exact where each has at most 20 and 15 digits."""
    if how == "max":
        return F.max_by(text, text.cast("double"))
    exact = F.when(text.rlike(EXACT_DECIMAL), text.cast("decimal(38,15)"))
    whole = F.when(F.count(exact) == F.count(text), F.sum(exact))
    total = F.sum(text.cast("double"))
    if how == "mean":
        mean = F.coalesce(whole.cast("double"), total) / F.count(text)
        return F.call_function("format_number", mean, F.lit(PLAIN_NUMBER))
    numbers = (F.call_function("format_number", one, F.lit(PLAIN_NUMBER)) for one in (whole, total))
    return F.coalesce(*numbers)


def _said(row: Any, keys: list[str]) -> str:
    return ", ".join(f"{key} {row[key]}" for key in keys)


# Files: their heads, their names, and what Java says of them.


def key_of(address: str) -> str:
    """The key of an address in a bucket."""
    return re.sub(r"^\w+:/*[^/]*/", "", address)


def root_cause(error: Exception) -> str:
    """The first line of what was wrong at the bottom of an error of Spark."""
    if not isinstance(error, Py4JJavaError):
        return str(error).splitlines()[0]
    cause = error.java_exception
    while cause.getCause() is not None:
        cause = cause.getCause()
    return str(cause.getMessage() or cause.toString()).splitlines()[0]


def _charset(spark: SparkSession, name: str, file: str) -> str:
    charsets = spark._jvm.java.nio.charset.Charset
    for known in (name, SUBSETS.get(name, name)):
        try:
            if charsets.isSupported(known):
                return known
        except Py4JJavaError:  # not even a name that a charset could have
            break
    raise RefusedError(
        f"{key_of(file)}: found the encoding {name!r}, wanted one that Java knows, such as UTF-8 or EUC-KR"
    )


def _head(spark: SparkSession, file: str) -> tuple[bytes, bool]:
    """How the file begins, unpacked, and whether that is all of it."""
    head = _bytes(spark, file, HEAD_BYTES)
    whole = len(head) < HEAD_BYTES
    if not file.endswith(".gz") or not head:
        return head, whole
    unpacking = zlib.decompressobj(31)  # 31: gzip's wrapping
    try:
        text = unpacking.decompress(head, HEAD_BYTES)
    except zlib.error:
        raise RefusedError(f"{key_of(file)}: found no gzip, wanted it by the name's ending") from None
    return text, whole and unpacking.eof


def _bytes(spark: SparkSession, file: str, count: int) -> bytes:
    path = spark._jvm.org.apache.hadoop.fs.Path(file)
    try:
        stream = path.getFileSystem(spark._jsc.hadoopConfiguration()).open(path)
        try:
            return bytes(stream.readNBytes(count))
        finally:
            stream.close()
    except Py4JJavaError as error:
        raise RefusedError(f"{key_of(file)}: {root_cause(error)}") from None


def _without_pattern(address: str) -> str:
    """The address as Spark must be given it, so that no character of a key stands for others."""
    return re.sub(r"([\\*?{}\[\]])", r"\\\1", address)


if __name__ == "__main__":
    main(sys.argv)
