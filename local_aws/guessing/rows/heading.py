"""Where the rows of data begin: title rows, the header, and what the columns are called."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from forecast_language import said
from local_aws.notations.numbers import UNKNOWN
from local_aws.notations.timestamps import is_timestamp
from local_aws.opening.data_error import DataError
from local_aws.opening.workbook import Row

MOST_TITLES = 50  # rows above the header
MOST_BELOW = 2  # rows between the names and the data
ROWS_OF_DATA = 5  # that are looked at to tell such a row
FEWEST_MOMENTS = 3  # in a header that has a column for each date
SAMPLE = 20  # rows and columns to look at, where there are many
SHOWN = 60
RULE = re.compile(r"[\s|:+]*[-=_]{2,}[\s|:+]*")  # a cell of a line of dashes below the names
# Of columns that our queries have beside the file's own; a file's column of such a name gets a blank behind it.
OWN_NAMES = frozenset(("line", "rowid", "_line", "_moment", "_place", "_value", "_number", "_series", "_is_changed"))


@dataclass(frozen=True)
class Heading:
    """The `columns` of the rows behind line `last_line`; `titles` are rows above the header, `below` those under it.

    `named` columns have a name in the file; a row may be as short as that. `cells` are those of the header's row.
    """

    columns: tuple[str, ...]
    named: int
    unnamed: tuple[str, ...]  # of them, those without a name
    has_header: bool
    last_line: int
    titles: tuple[Row, ...] = ()
    below: tuple[Row, ...] = ()
    is_joined: bool = False  # the names stand in two rows
    cells: tuple[str, ...] = ()

    def sentences(self, name: str) -> list[str]:
        """What is not read as data."""
        left_out = [
            said(
                "left out    line {line} of {file}: {text!r} (above the header)", line=line, file=name, text=_shown(row)
            )
            for line, row in self.titles
        ]
        left_out += [
            said(
                "left out    line {line} of {file}: {text!r} (below the header)", line=line, file=name, text=_shown(row)
            )
            for line, row in self.below
        ]
        if not self.is_joined:
            return left_out
        shown = ", ".join(self.columns[:3])
        return [*left_out, said("opened      two rows of {file} as one header: {shown}, ...", file=name, shown=shown)]


def _shown(row: Sequence[str]) -> str:
    return ", ".join(filter(None, row))[:SHOWN]


def find_heading(rows: Sequence[Row], name: str) -> Heading:
    """Find out which of a file's first rows names the columns. DataError if none has two fields."""
    widths = Counter(width for width in (_width(row) for _, row in rows) if width > 1)
    if not widths:
        if not rows:
            raise DataError(said("{file}: holds no row", file=name))
        raise DataError(
            said(
                "{file}: line {line} has one column, wanted at least a timestamp and a number separated by commas",
                file=name,
                line=rows[0][0],
            )
        )
    usual = max(widths, key=lambda width: (widths[width], width))
    position = _position(rows, usual)
    line, first = rows[position]
    has_header = is_header(first, [row for _, row in rows[position + 1 :]])
    if not has_header:
        columns = tuple(f"column_{number}" for number in range(1, len(first) + 1))
        last_line = max((number for number, _ in rows[:position]), default=0)
        return Heading(columns, _width(first), (), has_header, last_line, tuple(rows[:position]))
    cells = _with_row_names(first, rows[position + 1 :])
    below, above = _below(rows[position + 1 :]), rows[:position]
    last_line, names = below[-1][0] if below else line, cells
    if below and _has_gaps(cells) and "" not in below[0][1][: _width(cells)]:
        names, below = _joined(cells, below[0][1]), below[1:]
    elif above and len({*cells}) < len(cells) and _has_gaps(above[-1][1]):
        names, above = _joined(above[-1][1], cells), above[:-1]
    columns = tuple(unique(names))
    unnamed = tuple(column for column, cell in zip(columns, names, strict=True) if not cell.strip())
    is_joined = names is not cells
    return Heading(
        columns, _width(names), unnamed, has_header, last_line, tuple(above), tuple(below), is_joined, tuple(cells)
    )


def _position(rows: Sequence[Row], usual: int) -> int:
    """Which row comes first that is no title: it has as many fields as rows usually have."""
    numbered = enumerate(rows[:MOST_TITLES])
    position = next((n for n, (_, row) in numbered if _width(row) >= usual and not _is_comment(row, usual)), 0)
    if not is_header(rows[position][1], []) and any(_is_part_of_a_table(row, usual) for _, row in rows[:position]):
        return 0
    if position and _names_some_columns(rows[position - 1][1], rows[position][1]):
        return position - 1
    return position


def _is_comment(row: Sequence[str], usual: int) -> bool:
    return row[0].lstrip().startswith("#") and len(row) != usual


def _with_row_names(header: Sequence[str], following: Sequence[Row]) -> Sequence[str]:
    """The header with a field for the numbers of the rows, which R writes without a name for them."""
    rows = [row for _, row in following[:SAMPLE]]
    starts = [row[0].strip() for row in rows if len(row) == len(header) + 1]
    numbers = [int(start) for start in starts if start.isdecimal()]
    is_counted = len(rows) > 1 and numbers == [*range(numbers[0], numbers[0] + len(rows))] if numbers else False
    return ["", *header] if is_counted else header


def _below(following: Sequence[Row]) -> Sequence[Row]:
    """The rows between the names and the data: units, a line of dashes, the second row of a header."""
    for count, (_, row) in enumerate(following[:MOST_BELOW]):
        data = [each for _, each in following[count + 1 : count + 1 + ROWS_OF_DATA]]
        is_rule = any(map(str.strip, row)) and all(RULE.fullmatch(cell) for cell in row if cell.strip())
        if not is_rule and not _is_above(row, data):
            return following[:count]
    return following[:MOST_BELOW]


def _is_above(row: Sequence[str], data: Sequence[Sequence[str]]) -> bool:
    """Whether the row holds words alone, one above each column in which every row of data holds a number or a time."""
    words = [cell.strip() for cell in row]
    if any(_is_value(word) or word.lower() in UNKNOWN for word in words if word):
        return False
    values = [{place for place, cell in enumerate(each) if _is_value(cell)} for each in data]
    columns = set.intersection(*values) if values else set()
    return (
        len([*filter(None, words)]) > 1 and bool(columns) and all(words[place : place + 1] != [""] for place in columns)
    )


def _is_value(cell: str) -> bool:
    return is_number(cell) or is_timestamp(cell)


def _has_gaps(row: Sequence[str]) -> bool:
    """Whether several names in the row stand above several columns each."""
    return "" in [cell.strip() for cell in row] and sum(bool(cell.strip()) for cell in row) > 1


def _joined(groups: Sequence[str], names: Sequence[str]) -> list[str]:
    """One name of two rows, of which the upper one says a name once for all columns of a group."""
    joined, group = [], ""
    for place, name in enumerate(names):
        group = (groups[place].strip() if place < len(groups) else "") or group
        joined.append(name.strip() if group in ("", name.strip()) else f"{group} {name.strip()}")
    return joined


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
    """Whether the row holds names: no number and no timestamp, or a time for each column of numbers below it."""
    if not any(is_number(cell) or is_timestamp(cell) for cell in row):
        return True
    if _counts(row):
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


def _counts(row: Sequence[str]) -> bool:
    """Whether the row counts the months of a year or the hours of a day behind a name."""
    numbers = [int(cell) for cell in map(str.strip, row) if cell.isascii() and cell.isdigit()]
    names = [cell for cell in row if cell.strip() and not is_number(cell)]
    return bool(names) and numbers in ([*range(1, 13)], [*range(24)], [*range(1, 25)])


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
    """Column names without blanks and repetitions, as a database wants them, and none of our own names.

    >>> unique(["a  b", "", "A B", "line"])
    ['a b', 'column_2', 'A B_3', 'line ']
    """
    unique_names: list[str] = []
    taken: set[str] = set()
    for position, given in enumerate(names, start=1):
        name = " ".join(given.split()) or f"column_{position}"
        name = name if name.casefold() not in taken else f"{name}_{position}"
        taken.add(name.casefold())
        unique_names.append(f"{name} " if name.casefold() in OWN_NAMES else name)
    return unique_names
