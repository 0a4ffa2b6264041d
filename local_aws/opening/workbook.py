"""Workbooks of Excel and OpenOffice: the sheet that holds the data, its cells as plain texts."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_language import said
from local_aws.notations.closest import meant
from local_aws.opening.data_error import DataError

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

Row = tuple[int, list[str]]
FEWEST_ROWS = 5  # of a sheet that holds data, where another one may be a cover
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def workbook_rows(path: Path, name: str, wanted_sheet: str | None) -> tuple[list[Row], str]:
    """The rows of a sheet with their numbers, and a sentence on which sheet it is.

    Without `wanted_sheet` it is the first that holds several rows of two cells. DataError if there is none.
    """
    from python_calamine import CalamineError, load_workbook  # noqa: PLC0415 - most files are no workbooks

    try:
        book = load_workbook(str(path))
        names = list(book.sheet_names)
        if wanted_sheet is not None and wanted_sheet not in names:
            raise DataError(
                said(
                    "{file}: has no sheet {sheet!r}; found {sheets}{meant}",
                    file=name,
                    sheet=wanted_sheet,
                    sheets=", ".join(map(repr, names)),
                    meant=meant(wanted_sheet, names),
                )
            )
        rows_of = {}
        for sheet in [wanted_sheet] if wanted_sheet else _visible(book):
            rows_of[sheet] = plain_rows(_cells(book.get_sheet_by_name(sheet)))
            if wanted_sheet or _rows_of_cells(rows_of[sheet]) >= FEWEST_ROWS:
                return rows_of[sheet], _announcement(name, sheet, names, wanted_sheet)
        fullest = max(rows_of, key=lambda sheet: _rows_of_cells(rows_of[sheet]))
        if _rows_of_cells(rows_of[fullest]) > 1:
            return rows_of[fullest], _announcement(name, fullest, names, None)
    except CalamineError as error:
        locked = "password" in str(error).lower() or "encrypt" in str(error).lower()
        if locked:
            raise DataError(said("{file}: is locked with a password; save it without one", file=name)) from None
        raise DataError(said("{file}: is damaged, wanted a workbook of Excel", file=name)) from None
    raise DataError(
        said(
            "{file}: no sheet of the workbook holds rows; found {sheets}", file=name, sheets=", ".join(map(repr, names))
        )
    )


def _visible(book: "CalamineWorkbook") -> list[str]:
    """The sheets that are not hidden; all, if none is seen."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415

    seen = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    return seen or list(book.sheet_names)


def _cells(sheet: "CalamineSheet") -> list[list[Any]]:
    """The cells of a sheet; one that is merged with those below it stands in each of them."""
    rows = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in rows[top + 1 : bottom + 1]:
            row[left] = rows[top][left]
    return rows


def _announcement(name: str, sheet: str, names: Sequence[str], wanted: str | None) -> str:
    others = [each for each in names if each != sheet]
    if others and not wanted:
        return said(
            "opened      sheet {sheet} of {file}; not read: {others}  (guessed; --sheet overrides)",
            sheet=sheet,
            file=name,
            others=", ".join(others),
        )
    return said("opened      sheet {sheet} of {file}", sheet=sheet, file=name)


def _rows_of_cells(rows: Sequence[Row]) -> int:
    """How many rows have two cells that hold something."""
    return sum(sum(cell != "" for cell in row) > 1 for _, row in rows)


def plain_rows(cells: Sequence[Sequence[object]]) -> list[Row]:
    """Rows of cells as texts, with their numbers from 1 on; rows without any are left out.

    Days are written with a time in a column where one of them has one.
    """
    timed = {place for row in cells for place, cell in enumerate(row) if _has_time(cell)}
    rows = (
        (number, [_plain(_on_the_clock(cell) if place in timed else cell) for place, cell in enumerate(row)])
        for number, row in enumerate(cells, start=1)
    )
    return [(number, row) for number, row in rows if any(row)]


def _has_time(cell: object) -> bool:
    return isinstance(cell, datetime) and _nearest_second(cell).time() != time(0)


def _on_the_clock(cell: object) -> object:
    """A day as the moment that it begins, written out; other cells as they are."""
    if isinstance(cell, datetime):
        return _nearest_second(cell).isoformat(sep=" ")
    return f"{cell.isoformat()} 00:00:00" if isinstance(cell, date) else cell


def _nearest_second(moment: datetime) -> datetime:
    """Excel counts days in fractions, which do not hold a second."""
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def _plain(cell: object) -> str:
    """A cell as a person would type it into a text file.

    >>> _plain(5.0), _plain(0.1 + 0.2), _plain(datetime(2023, 1, 2)), _plain(datetime(2023, 1, 2, 13, 0))
    ('5', '0.3', '2023-01-02', '2023-01-02 13:00:00')
    """
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime):
        nearest = _nearest_second(cell)
        return nearest.date().isoformat() if nearest.time() == time(0) else nearest.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
