"""The caller's frame, of pandas, polars or pyarrow: its columns as arrays, and the way back to its own types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import narwhals as nw
import numpy as np
from narwhals.dtypes import DType
from numpy.typing import NDArray

from almanac.errors import DataError
from forecast_language import said

UNNAMED, TARGET = ("timestamp", "index"), "target"  # what an index, and a series, without a name is called
Array = NDArray[Any]


@dataclass(frozen=True)
class Frame:
    """A frame that the caller gave; messages call it ``name``.

    ``labels`` are the caller's names of the columns where they are no texts; ``index`` are the columns that were the
    index of a pandas frame.
    """

    name: str
    table: nw.DataFrame[Any]
    labels: Mapping[str, Any]
    index: tuple[str, ...]

    @classmethod
    def of(cls, given: Any, name: str, target: str | None = None) -> "Frame":
        """The frame of what was given; a series of pandas has the times for its index, and its values are the target.

        DataError for what is no frame.
        """
        labels = _labels(given)
        native, index = _with_index_as_columns(given, target)
        try:
            table = nw.from_native(native, eager_only=True)
        except TypeError:
            kind = f"{type(given).__module__.partition('.')[0]}.{type(given).__name__}"
            hint = said("; call .collect() first") if hasattr(given, "collect") else ""
            found = said("{frame}: found {kind}, wanted a frame of pandas, polars or pyarrow", frame=name, kind=kind)
            raise DataError(found + hint) from None
        except ValueError as error:  # a name that is there twice
            raise DataError(f"{name}: {' '.join(str(error).split())}") from None
        return cls(name, table, labels, (*index,))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return (*self.table.columns,)

    def column(self, name: str) -> nw.Series[Any]:
        """The column of this name."""
        return self.table[name]

    def dtype(self, name: str) -> DType | None:
        """The type of a column; None where there is no such column."""
        return self.column(name).dtype if name in self.names else None

    def is_moment(self, name: str) -> bool:
        """Whether a column holds moments, which need no text to be written as."""
        return isinstance(self.dtype(name), nw.Datetime | nw.Date)

    @cached_property
    def arrays(self) -> dict[str, Array]:
        """Column -> numbers, moments by the clock of their time zone, or texts with None where there is none."""
        return {name: _array(self.column(name)) for name in self.names}

    def at(self, name: str, rows: Sequence[int]) -> nw.Series[Any]:
        """The values of a column in some rows, of the column's own type."""
        taken = nw.maybe_reset_index(self.column(name)[[*rows]])
        return taken.str.strip_chars() if taken.dtype == nw.String else taken

    def series(self, name: str, values: Any, dtype: DType | None = None) -> nw.Series[Any]:
        """New values as a column of the caller's library."""
        return nw.new_series(name, values, dtype, backend=self.table.implementation)

    def times(self, name: str, moments: NDArray[np.datetime64], texts: Sequence[str] | None) -> nw.Series[Any]:
        """Moments of the clock as the column has its own: of its type, unit and time zone, or as its ``texts``.

        Without texts they are written in ISO 8601 where the column holds texts.
        """
        dtype = self.dtype(name)
        if dtype is None and texts is not None:
            return self.series(name, [*texts], nw.String())
        if dtype is None or isinstance(dtype, nw.Datetime):
            unit, zone = (dtype.time_unit, dtype.time_zone) if isinstance(dtype, nw.Datetime) else ("us", None)
            if zone is None:
                return self.series(name, moments.astype(f"datetime64[{unit}]"), nw.Datetime(unit))
            utc = np.array([_instant(moment, zone) for moment in moments.astype("datetime64[s]").tolist()], "M8[s]")
            naive = self.series(name, utc.astype(f"datetime64[{unit}]"), nw.Datetime(unit))
            return naive.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
        if dtype == nw.Date:
            return self.series(name, moments.astype("datetime64[us]"), nw.Datetime("us")).cast(nw.Date())
        return self._of_texts(name, dtype, [*(texts or _iso(moments))], moments)

    def _of_texts(self, name: str, dtype: DType, texts: list[str], moments: NDArray[np.datetime64]) -> nw.Series[Any]:
        """Times in a column of texts, of numbers such as years, or of objects such as dates and periods."""
        column = self.column(name)
        first = next((value for value in column.to_list() if value is not None), None)
        if type(first) is date:
            return self.series(name, np.array(moments.astype("datetime64[D]").tolist(), dtype=object), nw.Object())
        made = self.series(name, texts, nw.String())
        if dtype in (nw.String, nw.Categorical, nw.Object):
            return made
        if nw.dependencies.is_pandas_series(native := made.to_native()):
            return nw.from_native(native.astype(column.to_native().dtype), series_only=True)
        return made.cast(dtype)

    def answer(self, columns: Mapping[str, nw.Series[Any]], *, indexed: bool = True) -> Any:
        """The columns as a frame of the caller's library; where it had an index, its columns are the index again."""
        native = {name: column.to_native() for name, column in columns.items()}
        made = nw.from_dict(native, backend=self.table.implementation).to_native()
        if not nw.dependencies.is_pandas_dataframe(made):
            return made
        index = [name for name in self.index if name in columns] if indexed else []
        if index:
            made = made.set_index(index)
            made.index.names = [None if name in UNNAMED else name for name in index]
        return made.rename(columns=dict(self.labels))


def _labels(given: Any) -> dict[str, Any]:
    """The names of a pandas frame's columns that are no texts, by their texts."""
    if not nw.dependencies.is_pandas_dataframe(given):
        return {}
    return {str(label): label for label in given.columns if not isinstance(label, str)}


def _with_index_as_columns(given: Any, target: str | None) -> tuple[Any, list[str]]:
    """A pandas frame whose index, if it says anything, stands in columns; and these."""
    if nw.dependencies.is_pandas_series(given):
        given = given.to_frame(given.name if given.name is not None else target or TARGET)
    if not nw.dependencies.is_pandas_dataframe(given):
        return given, []
    given = given.set_axis([str(label) for label in given.columns], axis=1)
    index = given.index
    if index.nlevels == 1 and index.name is None and index.dtype.kind != "M" and str(index.dtype)[:6] != "period":
        return given, []
    taken = {*given.columns}
    names = [str(name) if name is not None else next(n for n in UNNAMED if n not in taken) for name in index.names]
    return given.rename_axis(names).reset_index(), names


def _array(column: nw.Series[Any]) -> Array:
    dtype = column.dtype
    if isinstance(dtype, nw.Datetime):
        naive = column.dt.replace_time_zone(None) if dtype.time_zone else column
        return np.asarray(naive.to_numpy()).astype("datetime64[us]")
    if dtype == nw.Date:
        return np.asarray(column.cast(nw.Datetime("us")).to_numpy()).astype("datetime64[us]")
    if dtype == nw.Boolean or dtype.is_decimal():
        return column.cast(nw.Float64()).to_numpy().astype(np.float64)
    if dtype.is_numeric():
        values = column.to_numpy()
        return values if values.dtype.kind in "iuf" else column.cast(nw.Float64()).to_numpy().astype(np.float64)
    texts = [None if value is None or value != value else _text(value) for value in column.to_list()]  # noqa: PLR0124
    return np.array(texts, dtype=object)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _iso(moments: NDArray[np.datetime64]) -> list[str]:
    """Days as 2024-01-31, and with their time where any has one."""
    days = moments.astype("datetime64[D]")
    unit = "datetime64[D]" if (days == moments).all() else "datetime64[s]"
    return [str(moment).replace("T", " ") for moment in moments.astype(unit)]


def _instant(moment: datetime, zone: str) -> datetime:
    """When the clock of a zone shows a moment, in UTC; the first time where clocks are set back."""
    return moment.replace(tzinfo=_zone(zone)).astimezone(UTC).replace(tzinfo=None)


def _zone(name: str) -> timezone | ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        sign, hours, minutes = name[-6], name[-5:-3], name[-2:]  # pandas calls fixed offsets UTC+09:00 or +09:00
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if sign == "-" else offset)


def skipped(moments: NDArray[np.datetime64], zone: str | None) -> NDArray[np.bool_]:
    """[moment]: which the clock of a zone never shows, since it is set forward then."""
    if zone is None:
        return np.zeros(len(moments), dtype=bool)
    there = _zone(zone)
    times = moments.astype("datetime64[s]").tolist()
    back = [_instant(time, zone).replace(tzinfo=UTC).astimezone(there).replace(tzinfo=None) for time in times]
    return np.array([time != again for time, again in zip(times, back, strict=True)], dtype=bool)
