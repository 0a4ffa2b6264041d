"""From what the caller gave to what is to be forecast: the frames, and the guesses about them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from numbers import Integral
from typing import Any

from almanac.errors import DataError
from almanac.frames import Array, Frame
from almanac.words import in_python, refusals
from forecast_contract.frequencies import FREQUENCY_WORDS
from forecast_contract.holiday_countries import HOLIDAY_COUNTRIES
from forecast_language import said
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
    found = said(
        "{frame}: found no column {column!r} for {parameter}, wanted one of {columns}",
        frame=frame.name,
        column=name,
        parameter=parameter,
        columns=", ".join(frame.names),
    )
    meant = said("; did you mean {name}?", name=repr(close[0])) if close else ""
    raise DataError(found + meant)


def is_count(value: Any) -> bool:
    """Whether a value is a whole number above 0, of Python or of numpy."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) > 0


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    """The options that are words or numbers, as the guesses take them."""
    horizon, frequency, country, decimal = (given[name] for name in ("horizon", "frequency", "holidays", "decimal"))
    if horizon is not None and not is_count(horizon):
        raise DataError(not_a_count("horizon", horizon))
    named = None if frequency is None else frequency_named(str(frequency))
    if frequency is not None and named is None:
        raise DataError(
            said(
                "frequency: found {found!r}, wanted {frequencies}; {b} for business days",
                found=frequency,
                frequencies=FREQUENCY_WORDS,
                b=BUSINESS_DAYS,
            )
        )
    if country is not None and str(country).upper() not in HOLIDAY_COUNTRIES:
        raise DataError(_none_of("holidays", country, HOLIDAY_COUNTRIES))
    if decimal is not None and decimal not in DECIMALS:
        raise DataError(_none_of("decimal", decimal, DECIMALS))
    for name, choices in CHOICES.items():
        if given[name] is not None and given[name] not in choices:
            raise DataError(_none_of(name, given[name], choices))
    horizon = None if horizon is None else int(horizon)
    checked = given | {"frequency": named}
    return checked | {"holidays": country and country.upper(), "decimal": DECIMALS.get(decimal), "horizon": horizon}


def not_a_count(parameter: str, found: object) -> str:
    """What is said of a parameter that is to be a whole number above 0."""
    return said("{parameter}: found {found!r}, wanted a whole number above 0", parameter=parameter, found=found)


def _none_of(parameter: str, found: object, choices: Iterable[str]) -> str:
    return said(
        "{parameter}: found {found!r}, wanted one of {choices}",
        parameter=parameter,
        found=found,
        choices=", ".join(choices),
    )


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
                said(
                    "quantiles: found {found!r}, wanted numbers from 0.01 to 0.99 in steps of 0.01, or 'mean'",
                    found=quantile,
                )
            )
        names.append(str(level))
    if not names or len({*names}) < len(names):
        if not names:
            raise DataError(said("quantiles: found none, wanted at least one, and each once"))
        found = ", ".join(names)
        raise DataError(said("quantiles: found {found}, wanted at least one, and each once", found=found))
    return tuple(names)
