"""A text with a row to a line: what separates its fields, and its rows as every reader of ours sees them."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from forecast_files.csv_file import CsvFile
from forecast_files.csv_part import CsvPart
from forecast_files.csv_text import hidden_quotes, line_count
from forecast_files.input_refused import InputRefused
from local_aws.opening.data_error import DataError
from local_aws.opening.text_scan import TextFacts
from local_aws.opening.workbook import Row

DELIMITERS = ",;\t|"
MARK = b"\xef\xbb\xbf"
HEAD = 1 << 20  # bytes
PART = 8 << 20  # bytes that are looked at at once
SEPARATOR_LINE = re.compile(rb'\A(?:"sep=(.)"|sep=(.))[,;\t ]*(?:\r\n|\r|\n|\Z)', re.IGNORECASE)  # Excel's own
BETWEEN_DIGITS = re.compile(r"\d,\d")
ROWS_TO_LOOK_AT = 200


@dataclass(frozen=True)
class DelimitedText:
    """A text in UTF-8; `first_line` is the number of its first line behind one that names the separator."""

    path: Path
    name: str
    facts: TextFacts
    delimiter: str
    first_line: int

    def parts(self, columns: int) -> Iterator[tuple[CsvPart, int]]:
        """The rows in parts of some MB, each with the number of lines before it; commas stand for what separates.

        `columns` is how many fields the rows have. DataError for quotes that mean nothing.
        """
        with self.path.open("rb") as opened:
            head = opened.read(HEAD)
            begin, lines = len(head) - len(without_separator_line(head)[0]), self.first_line - 1

            def read(first: int, length: int) -> bytes:
                opened.seek(begin + first)
                return swapped(opened.read(length), self.delimiter)

            file = CsvFile(read, self.facts.size - begin, self.name, columns)
            for first in range(0, file.size, PART):
                try:
                    part = file.part(first, min(PART, file.size - first))
                except InputRefused as refused:
                    raise _as_data_error(refused) from None
                yield part, lines
                lines += line_count(part.text)

    def rows(self) -> Iterator[Row]:
        """Every row that is not empty with its line. DataError for quotes that mean nothing."""
        return self._rows_in(self.path.read_bytes())

    def head(self) -> list[Row]:
        """The first rows."""
        with self.path.open("rb") as file:
            data = file.read(HEAD)
        return [*islice(self._rows_in(data if len(data) == self.facts.size else whole_rows(data)), ROWS_TO_LOOK_AT)]

    def _rows_in(self, data: bytes) -> Iterator[Row]:
        text, before = without_separator_line(data)
        for line, row in records(text, self.name, self.delimiter, before):
            if any(row):
                yield line + before, row


def delimited_text(path: Path, name: str, facts: TextFacts) -> DelimitedText:
    """Find out what separates the fields of a text."""
    with path.open("rb") as file:
        data = file.read(HEAD)
    head = (data if len(data) == facts.size else whole_rows(data)).removeprefix(MARK)
    match = SEPARATOR_LINE.match(head)
    if match:
        return DelimitedText(path, name, facts, (match[1] or match[2]).decode(), 2)
    return DelimitedText(path, name, facts, guessed_delimiter(head.decode(errors="replace")), 1)


def without_separator_line(data: bytes) -> tuple[bytes, int]:
    """The text behind a first line such as ``sep=;``, and how many lines that took: none or one."""
    data = data.removeprefix(MARK)
    match = SEPARATOR_LINE.match(data)
    return (data[match.end() :], 1) if match else (data, 0)


def whole_rows(data: bytes) -> bytes:
    """What the last row has begun is left out."""
    return data[: max(hidden_quotes(data).rfind(b"\n"), data.rfind(b"\r")) + 1] or data


def guessed_delimiter(head: str) -> str:
    """What separates the same number of fields in most rows, and the more of them the better.

    >>> guessed_delimiter("date;price (EUR, net)\\n2020-01-01;1,5\\n"), guessed_delimiter("2020-01-01;1,5\\n")
    (';', ';')
    """
    lines = [line for line in head.splitlines()[:ROWS_TO_LOOK_AT] if line.strip()]
    scores = {delimiter: _score(lines, delimiter) for delimiter in DELIMITERS}
    bare = BETWEEN_DIGITS.sub("", "\n".join(lines[1:] or lines))
    if "," not in bare and any(scores[other][1] > 1 for other in DELIMITERS[1:]):
        del scores[","]  # the commas are decimal ones
    return max(scores, key=lambda delimiter: scores[delimiter])


def _score(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    """Which share of the rows has the usual number of fields, and that number; nothing if it is 1."""
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row)
    width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    return (rows / sum(widths.values()), width) if width > 1 else (0, 1)


def swapped(data: bytes, delimiter: str) -> bytes:
    """The text with comma and delimiter in each other's places: so one set of rules reads whatever separates."""
    mark = delimiter.encode()
    return data if delimiter == "," else data.translate(bytes.maketrans(b"," + mark, mark + b","))


def records(data: bytes, name: str, delimiter: str, lines_before: int = 0) -> Iterator[Row]:
    """The records of a text with the lines they end in, under the rules that an import has for commas."""
    back = str.maketrans("," + delimiter, delimiter + ",")
    try:
        part = CsvPart.of(swapped(data, delimiter), name, False, lambda: lines_before)
        for line, row in part.records():
            yield line, [field.translate(back) for field in row] if delimiter != "," else row
    except InputRefused as refused:
        raise _as_data_error(refused) from None


def _as_data_error(refused: InputRefused) -> DataError:
    return DataError(str(refused).removesuffix(".").replace(", line ", ": line ", 1))
