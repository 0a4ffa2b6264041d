"""What the user says of the files beside their contents: the options of `almanac forecast`."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from local_aws.guessing.table import Table
from local_aws.opening.named_file import Reading


@dataclass(frozen=True)
class Options:
    """The options of the command. None is an option that was not given: its value is guessed, or it is not wanted."""

    frequency: str | None = None
    horizon: int | None = None
    quantiles: tuple[str, ...] = ("0.1", "0.5", "0.9")
    target: str | None = None  # a column
    related: str | Path | Table | None = None  # a file
    metadata: str | Path | Table | None = None
    holidays: str | None = None  # a country
    reading: Reading = field(default=Reading())
    timestamp: tuple[str, ...] = ()  # the columns of the time
    date_order: str | None = None  # of day, month and year: dmy, mdy or ymd
    aggregate: str | None = None  # one of methods.METHODS
    missing: str | None = None  # zero or unknown
    keep_partial: bool = False  # the first and the last period, if they are not whole
    decimal: str | None = None  # the mark before decimals: . or ,
    no_turn: bool = False  # columns that are called as dates, months or hours stay columns
    as_of: date | None = None  # the last day of which anything is known
    item_id: tuple[str, ...] = ()  # the columns that name a series, that of the item first
