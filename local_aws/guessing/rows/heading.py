"""Where the rows of data begin: title rows, the header, and what the columns are called."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from local_aws.notations.timestamps import is_timestamp
from local_aws.opening.data_error import DataError
from local_aws.opening.workbook import Row

MOST_TITLES = 50  # rows above the header
FEWEST_MOMENTS = 3  # in a header that has a column for each date
SAMPLE = 20  # rows and columns to look at, where there are many
SHOWN = 60


@dataclass(frozen=True)
class Heading:
    """The `columns` of the rows behind line `last_line`; `titles` are rows above the header, with their lines.

    `named` columns have a name in the file; a row may be as short as that.
    """

    columns: tuple[str, ...]
    named: int
    unnamed: tuple[str, ...]  # of them, those without a name
    has_header: bool
    last_line: int
    titles: tuple[Row, ...]

    def sentences(self, name: str) -> list[str]:
        """What is not read as data."""
        return [
            f"left out    line {line} of {name}: {', '.join(filter(None, row))[:SHOWN]!r} (above the header)"
            for line, row in self.titles
        ]


def find_heading(rows: Sequence[Row], name: str) -> Heading:
    """Find out which of a file's first rows names the columns. DataError if none has two fields."""
    widths = Counter(width for width in (_width(row) for _, row in rows) if width > 1)
    if not widths:
        what = "one column, wanted at least a timestamp and a number separated by commas"
        raise DataError(f"{name}: line {rows[0][0]} has {what}" if rows else f"{name}: holds no row")
    usual = max(widths, key=lambda width: (widths[width], width))
    position = next((n for n, (_, row) in enumerate(rows[:MOST_TITLES]) if _width(row) >= usual), 0)
    if not is_header(rows[position][1], []) and any(_is_part_of_a_table(row, usual) for _, row in rows[:position]):
        position = 0
    elif position and _names_some_columns(rows[position - 1][1], rows[position][1]):
        position -= 1
    line, first = rows[position]
    has_header = is_header(first, [row for _, row in rows[position + 1 :]])
    named = _width(first)
    columns = unique(first) if has_header else [f"column_{number}" for number in range(1, len(first) + 1)]
    unnamed = tuple(column for column, cell in zip(columns, first, strict=True) if not cell.strip())
    above = rows[:position]
    last_line = line if has_header else max((number for number, _ in above), default=0)
    return Heading(tuple(columns), named, unnamed, has_header, last_line, tuple(above))


def _width(row: Sequence[str]) -> int:
    """How many fields there are up to the last that is not empty."""
    return next((place for place in range(len(row), 0, -1) if row[place - 1].strip()), 0)


def _is_part_of_a_table(row: Sequence[str], usual: int) -> bool:
    """Whether a short row is a header or data that lack a field, and no title."""
    cells = [cell for cell in row if cell.strip()]
    return len(cells) > 1 and len(cells) >= usual - 1 and len({*cells}) == len(cells)


def _names_some_columns(row: Sequence[str], following: Sequence[str]) -> bool:
    """Whether a row with the fields of a table is its header, though the last columns have no name."""
    names = [cell for cell in row if cell.strip()]
    return len(names) > 1 and len(row) == len(following) and is_header(row, []) and not is_header(following, [])


def is_header(row: Sequence[str], following: Sequence[Sequence[str]]) -> bool:
    """Whether the row holds names: no number and no timestamp, or a timestamp for each column of numbers below it."""
    if not any(is_number(cell) or is_timestamp(cell) for cell in row):
        return True
    moments = [place for place, cell in enumerate(row) if _is_moment(cell)]
    distinct = {row[place].strip() for place in moments}
    if len(moments) < FEWEST_MOMENTS or len(distinct) < len(moments) or len(moments) == len(row):
        return False
    if any(is_number(cell) for place, cell in enumerate(row) if place not in moments):
        return False
    below = [other[place].strip() for other in following[:SAMPLE] for place in moments[:SAMPLE] if place < len(other)]
    values = [value for value in below if value]
    return bool(values) and sum(is_timestamp(value) for value in values) < 0.1 * len(values)


def _is_moment(cell: str) -> bool:
    """Whether a name may be that of a time: a timestamp, or a year, month or day in digits."""
    text = cell.strip()
    return is_timestamp(text) or (text.isdigit() and len(text) in (4, 6, 8) and text[:2] in ("19", "20"))


def is_number(cell: str) -> bool:
    """Whether the cell is a number as programs write it."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def unique(names: Sequence[str]) -> list[str]:
    """Column names without blanks and repetitions, as a database wants them."""
    unique_names: list[str] = []
    taken = {"line"}
    for position, given in enumerate(names, start=1):
        name = " ".join(given.split()) or f"column_{position}"
        name = name if name.casefold() not in taken else f"{name}_{position}"
        taken.add(name.casefold())
        unique_names.append(name)
    return unique_names
