"""From what the caller gave to what is to be forecast: the frames, and the guesses about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from numbers import Integral
from typing import Any

from almanac.errors import DataError
from almanac.frames import Array, Frame
from almanac.words import in_python, refusals
from forecast_contract.frequencies import FREQUENCY_WORDS
from forecast_contract.holiday_countries import HOLIDAY_COUNTRIES
from local_aws.guessing.options import Options
from local_aws.guessing.table import Table
from local_aws.guessing.typed_rows import table_of
from local_aws.notations.frequencies import frequency_named
from local_aws.periods.aggregation import METHODS
from local_aws.periods.frequency import BUSINESS_DAYS
from local_aws.upload.upload import Guesses, guesses_of

DECIMALS = {"comma": ",", "point": ".", ",": ",", ".": "."}
CHOICES = {"aggregate": (*METHODS,), "missing": ("zero", "unknown"), "date_order": ("dmy", "mdy", "ymd")}


@dataclass(frozen=True)
class Given:
    """The caller's frames, and the options beside them, which name none."""

    frame: Frame
    related: Frame | None
    metadata: Frame | None
    options: Options

    def guesses(self) -> "Read":
        """What the frames mean. DataError where they cannot be forecast, or not so."""
        return self.guesses_over(self.frame.arrays, self.related.arrays if self.related else None)

    def guesses_over(self, rows: Mapping[str, Array], related: Mapping[str, Array] | None, **said: Any) -> "Read":
        """What other rows of the frames mean; ``said`` are options that were found out."""
        with refusals():
            table = table_of(rows, self.frame.name)
            options = replace(
                self.options,
                related=table_of(related, "related") if related is not None else self.options.related,
                metadata=table_of(self.metadata.arrays, "metadata") if self.metadata else None,
                **said,
            )
            return Read(guesses_of(table, options), dict(zip(table.columns, rows, strict=True)))


@dataclass(frozen=True)
class Read:
    """The guesses, and ``own``: column of the table -> column of the frame; they differ where a name is our own."""

    guesses: Guesses
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """The guesses in the sentences of ``almanac forecast``, with parameters in place of its options."""
        return tuple(map(in_python, self.guesses.sentences))

    @property
    def table(self) -> Table:
        """The rows as they were understood."""
        return self.guesses.planned.table


def given(
    df: Any,
    *,
    target: str | None,
    timestamp: str | Sequence[str] | None,
    item_id: str | Sequence[str] | None,
    related: Any,
    metadata: Any,
    quantiles: Sequence[float | str],
    **said: Any,
) -> Given:
    """What the caller gave, checked as far as it can be without guessing. DataError says what is wanted."""
    frame = Frame.of(df, "df", target)
    times, keys = _names(timestamp), _names(item_id)
    for parameter, names in (("target", _names(target)), ("timestamp", times), ("item_id", keys)):
        for name in names:
            _require_column(frame, parameter, name)
    is_none = isinstance(related, str) and related == "none"
    options = Options(
        target=target,
        timestamp=times,
        item_id=keys,
        related="none" if is_none else None,
        quantiles=_quantiles(quantiles),
        **_checked(said),
    )
    described = Frame.of(metadata, "metadata") if metadata is not None else None
    beside = Frame.of(related, "related") if related is not None and not is_none else None
    return Given(frame, beside, described, options)


def _names(given: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if given is None else (given,) if isinstance(given, str) else tuple(given)


def _require_column(frame: Frame, parameter: str, name: str) -> None:
    if name in frame.names:
        return
    close = get_close_matches(name, frame.names, 1)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    columns = ", ".join(frame.names)
    raise DataError(f"{frame.name}: found no column {name!r} for {parameter}, wanted one of {columns}{meant}")


def is_count(value: Any) -> bool:
    """Whether a value is a whole number above 0, of Python or of numpy."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) > 0


def _checked(said: dict[str, Any]) -> dict[str, Any]:
    """The options that are words or numbers, as the guesses take them."""
    horizon, frequency, country, decimal = (said[name] for name in ("horizon", "frequency", "holidays", "decimal"))
    if horizon is not None and not is_count(horizon):
        raise DataError(f"horizon: found {horizon!r}, wanted a whole number above 0")
    named = None if frequency is None else frequency_named(str(frequency))
    if frequency is not None and named is None:
        raise DataError(f"frequency: found {frequency!r}, wanted {FREQUENCY_WORDS}; {BUSINESS_DAYS} for business days")
    if country is not None and str(country).upper() not in HOLIDAY_COUNTRIES:
        raise DataError(f"holidays: found {country!r}, wanted one of {', '.join(HOLIDAY_COUNTRIES)}")
    if decimal is not None and decimal not in DECIMALS:
        raise DataError(f"decimal: found {decimal!r}, wanted one of {', '.join(DECIMALS)}")
    for name, choices in CHOICES.items():
        if said[name] is not None and said[name] not in choices:
            raise DataError(f"{name}: found {said[name]!r}, wanted one of {', '.join(choices)}")
    horizon = None if horizon is None else int(horizon)
    said = said | {"frequency": named}
    return said | {"holidays": country and country.upper(), "decimal": DECIMALS.get(decimal), "horizon": horizon}


def _quantiles(quantiles: Sequence[float | str]) -> tuple[str, ...]:
    """The quantiles as the service names them; no more limit than the engine has, which is none."""
    names = []
    for quantile in quantiles:
        if quantile == "mean":
            names.append("mean")
            continue
        level = float(quantile) if str(quantile).replace(".", "", 1).isdigit() else 0.0
        if not 0.01 <= level <= 0.99 or round(level, 2) != level:
            raise DataError(
                f"quantiles: found {quantile!r}, wanted numbers from 0.01 to 0.99 in steps of 0.01, or 'mean'"
            )
        names.append(str(level))
    if not names or len({*names}) < len(names):
        raise DataError(f"quantiles: found {', '.join(map(str, names)) or 'none'}, wanted at least one, and each once")
    return tuple(names)
