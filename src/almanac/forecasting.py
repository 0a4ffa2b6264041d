"""``forecast``: a frame in, a frame out."""

from collections.abc import Sequence
from typing import Any, Protocol, TypedDict, TypeVar, Unpack, overload

from almanac.answers import Answers
from almanac.reading import Given, given
from almanac.result import Forecast, result_of
from almanac.training import train
from almanac.words import refusals

DEFAULT_QUANTILES = (0.1, 0.5, 0.9)
FrameT = TypeVar("FrameT")
FrameT_co = TypeVar("FrameT_co", covariant=True)


class PandasSeries(Protocol[FrameT_co]):
    """A series of pandas, which is forecast as a frame."""

    @property
    def index(self) -> Any: ...

    def to_frame(self, name: Any = ...) -> FrameT_co: ...


class Said(TypedDict, total=False):
    """What may be said beside the frame; ``forecast`` tells what it means."""

    horizon: int | None
    frequency: str | None
    target: str | None
    timestamp: str | Sequence[str] | None
    item_id: str | Sequence[str] | None
    quantiles: Sequence[float | str]
    related: Any
    metadata: Any
    holidays: str | None
    aggregate: str | None
    missing: str | None
    keep_partial: bool
    date_order: str | None
    decimal: str | None
    no_turn: bool


@overload
def forecast(df: PandasSeries[FrameT], **said: Unpack[Said]) -> Forecast[FrameT]: ...


@overload
def forecast(df: FrameT, **said: Unpack[Said]) -> Forecast[FrameT]: ...


def forecast(
    df: Any,
    *,
    horizon: int | None = None,
    frequency: str | None = None,
    target: str | None = None,
    timestamp: str | Sequence[str] | None = None,
    item_id: str | Sequence[str] | None = None,
    quantiles: Sequence[float | str] = DEFAULT_QUANTILES,
    related: Any = None,
    metadata: Any = None,
    holidays: str | None = None,
    aggregate: str | None = None,
    missing: str | None = None,
    keep_partial: bool = False,
    date_order: str | None = None,
    decimal: str | None = None,
    no_turn: bool = False,
) -> Forecast[Any]:
    """Forecast every series of a frame. What is not said is guessed, and the notes of the answer say what.

    Args:
        df: A frame of pandas, polars or pyarrow with a row for each series and time; or a column for each series
            beside the time; or a series of pandas. An index of pandas that has a name, or holds times, is a column.
        horizon: Periods to forecast.
        frequency: Of the forecast: 1min to 59min, H, D, W, M, 3M, Y and multiples; B for business days.
        target: The column to forecast.
        timestamp: The column of the time, or columns such as year and month.
        item_id: The column that names a series, or several: that of the item first.
        quantiles: Numbers from 0.01 to 0.99, and "mean".
        related: A frame of numbers beside the target, such as prices and promotions, which may reach into the time to
            forecast. Without it, numbers in rows of ``df`` that wait for their target are taken; "none" leaves them.
        metadata: A frame with a row for each item. Items without history are forecast like those that they resemble.
        holidays: The country whose public holidays count, by its two letters.
        aggregate: What becomes of several rows of one period: sum, mean, first, min or max.
        missing: What a period without a row is: zero or unknown.
        keep_partial: Whether a first or last period that is not whole counts as one.
        date_order: Of texts such as 01/02/2024: dmy, mdy or ymd.
        decimal: The mark in texts such as 1.234: "point" or "comma".
        no_turn: Whether columns that are called as dates, months or hours stay columns.

    Returns:
        The forecast in a frame of the same kind, with the same columns, types and index, and a column for each
        quantile.

    Raises:
        DataError: Where the data cannot be forecast, or not so; a ValueError.

    Examples:
        >>> import almanac, pandas as pd
        >>> days = pd.date_range("2024-01-01", periods=56)
        >>> tea = pd.DataFrame({"shop": "tea", "day": days, "sold": [5, 7, 6, 8, 9, 14, 12] * 8})
        >>> milk = tea.assign(shop="milk", sold=10 * tea["sold"])
        >>> result = almanac.forecast(pd.concat([tea, milk]), horizon=2, quantiles=[0.5])
        >>> result.frame
           shop        day   p50
        0   tea 2024-02-26   5.0
        1   tea 2024-02-27   7.0
        2  milk 2024-02-26  50.0
        3  milk 2024-02-27  70.0
    """
    asked = given(
        df,
        target=target,
        timestamp=timestamp,
        item_id=item_id,
        related=related,
        metadata=metadata,
        quantiles=quantiles,
        horizon=horizon,
        frequency=frequency,
        holidays=holidays,
        aggregate=aggregate,
        missing=missing,
        keep_partial=keep_partial,
        date_order=date_order,
        decimal=decimal,
        no_turn=no_turn,
    )
    return result_of(answers_to(asked))


def answers_to(asked: Given) -> Answers:
    """Guess what was not said, and train. DataError where that cannot be."""
    read = asked.guesses()
    with refusals():
        return Answers(asked.frame, asked.metadata, read, train(read.guesses))
