"""The engine's arrays as frames of the caller: the caller's columns, types and index, and a column per quantile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from almanac.frames import Frame, skipped
from almanac.measures import Accuracy, accuracy_of
from almanac.reading import Read
from almanac.training import Key, Trained
from forecast_contract.exports import own_columns
from forecast_engine import Array
from local_aws.upload.bucket_file import dimension_names, item_column, renamed
from local_aws.upload.user_form import UserForm


@dataclass(frozen=True)
class Answers:
    """Makes frames of what was learnt of the rows that were ``read`` from a ``frame``."""

    frame: Frame
    metadata: Frame | None
    read: Read
    trained: Trained

    @cached_property
    def accuracy(self) -> Accuracy:
        """Over the backtest windows of the training."""
        return accuracy_of(self.trained)

    @cached_property
    def first_rows(self) -> dict[Key, int]:
        """Series -> its first row in the caller's frame, in the order of these, and of the columns in a wide frame."""
        planned = self.read.guesses.planned
        keys = [item_column(planned.roles), *renamed(dimension_names(planned.roles))]
        rows = planned.table.query(
            f"SELECT {', '.join(keys)}, min(line) FROM data JOIN (SELECT place AS _place FROM observations)"
            " ON data.rowid = _place GROUP BY ALL"
        )
        columns = {name: place for place, name in enumerate(planned.series_columns)}
        rows.sort(key=lambda row: (row[-1], columns.get(row[0], 0)))
        return {tuple(name or "" for name in key): int(line) for *key, line in rows}

    def in_order(self, keys: Sequence[Key]) -> list[int]:
        """The places of series in the order of their first rows; items without history come last."""
        behind = len(self.first_rows)
        rank = {key: place for place, key in enumerate(self.first_rows)}
        return sorted(range(len(keys)), key=lambda place: rank.get(keys[place], behind))

    def key_columns(self, keys: Sequence[Key]) -> dict[str, nw.Series[Any]]:
        """The columns that name a series, with a value for each of ``keys``; {} where the frame is one series."""
        planned = self.read.guesses.planned
        roles = planned.roles
        if planned.series_columns:
            return {str(roles.item): self.frame.series(str(roles.item), [key[0] for key in keys], nw.String())}
        names = [self.read.own.get(name, name) for name in roles.keys]
        attributes = [*([0] if roles.item else []), *range(1, 1 + len(roles.dimensions))]
        in_table = [*([roles.item] if roles.item else []), *roles.dimensions]
        rows = [self.first_rows.get(key) for key in keys]
        made = {}
        for place, column in zip(attributes, in_table, strict=True):
            name = self.read.own.get(column, column)
            texts = [key[place] for key in keys]
            is_known = name in self.frame.names and None not in rows
            made[name] = self.frame.at(name, [row or 0 for row in rows]) if is_known else self._texts(name, texts)
        return {name: made[name] for name in names}

    def _texts(self, name: str, texts: list[str]) -> nw.Series[Any]:
        """Names of series of which some have no row in the frame, of the frame's type where that can hold them."""
        column = self.frame.series(name, texts, nw.String())
        dtype = self.frame.dtype(name)
        return column.cast(dtype) if dtype is not None and dtype.is_numeric() else column

    def time_columns(self, moments: NDArray[np.datetime64]) -> dict[str, nw.Series[Any]]:
        """The columns of the time."""
        roles, planned = self.read.guesses.planned.roles, self.read.guesses.planned
        columns = roles.moment.columns
        unique, place = np.unique(moments, return_inverse=True)
        form = UserForm(planned.table, roles, {})
        names = [self.read.own.get(column, column) for column in columns]
        is_typed = all(self.frame.is_moment(name) for name in names)
        written = None if is_typed else form.dates(unique.astype("datetime64[s]").tolist())
        return {
            name: self.frame.times(name, moments, [written[i][number] for i in place] if written else None)
            for number, name in enumerate(names)
        }

    def rows(
        self, keys: Sequence[Key], moments: NDArray[np.datetime64], values: Mapping[str, Array], *, first: Any = None
    ) -> Any:
        """The frame with a row for each of ``keys`` and ``moments``, both [row], and these values [row]."""
        theirs = self.key_columns(keys) | self.time_columns(moments)
        place = {name: number for number, name in enumerate(self.frame.names)}
        ordered = {name: theirs[name] for name in sorted(theirs, key=lambda name: place.get(name, len(place)))}
        named = own_columns(values, ordered)
        numbers = {named[name]: self.frame.series(named[name], values[name]) for name in values}
        return self.frame.answer({**(first or {}), **ordered, **numbers})

    def shown(self, moments: NDArray[np.datetime64]) -> NDArray[np.bool_]:
        """[moment]: whether the clock of the caller's time zone shows it at all."""
        column = self.read.guesses.planned.roles.moment.columns[0]
        dtype = self.frame.dtype(self.read.own.get(column, column))
        return ~skipped(moments, dtype.time_zone if isinstance(dtype, nw.Datetime) else None)
