"""What options of the `almanac` command may be; anything else is refused in argparse's own words."""

import argparse
import datetime
import re
from collections.abc import Callable, Iterable
from decimal import Decimal

from forecast_contract.frequencies import FREQUENCY_WORDS
from forecast_contract.holiday_countries import HOLIDAY_COUNTRIES
from forecast_language import said
from local_aws.notations.frequencies import BUSINESS_DAYS, MINUTES_OR_MONTHS, frequency_named

MOST_QUANTILES = 5  # Amazon Forecast's limit
MEAN = "mean"
COUNTRY_CODES = {"GB": "UK"}  # ISO's code -> Amazon's
_QUANTILE = re.compile(r"p(?P<hundredths>\d{1,2})|(?P<percent>\d{1,2}) ?%|(?P<share>0?\.\d{1,2}0*)")


def one_of(choices: Iterable[str]) -> Callable[[str], str]:
    """A choice, whatever the case of its letters; what is none is left for the parser to refuse."""
    spelt = {choice.lower(): choice for choice in choices}
    return lambda text: spelt.get(text.lower(), text)


def frequency(text: str) -> str:
    """Of the forecast: one of the contract's, or business days, as people and pandas write them."""
    named = frequency_named(text)
    if named is not None:
        return named
    if MINUTES_OR_MONTHS.fullmatch(text):
        count = text.rstrip("m ")
        raise argparse.ArgumentTypeError(
            said("{text!r} can be minutes or months; wanted {count}min or {count}M", text=text, count=count)
        )
    raise argparse.ArgumentTypeError(
        said(
            "{text!r} is no frequency; wanted {frequencies}; {b} for business days",
            text=text,
            frequencies=FREQUENCY_WORDS,
            b=BUSINESS_DAYS,
        )
    )


def country(text: str) -> str:
    """One whose holidays are known."""
    code = COUNTRY_CODES.get(text.upper(), text.upper())
    if code not in HOLIDAY_COUNTRIES:
        countries = ", ".join(HOLIDAY_COUNTRIES)
        raise argparse.ArgumentTypeError(
            said("{text!r} is no country here; wanted one of {countries}", text=text, countries=countries)
        )
    return code


def columns(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def positive(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(said("{text!r} is not a whole number above 0", text=text))
    return int(text)


def date(text: str) -> datetime.date:
    """A day, as 2025-06-30."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            said("{text!r} is no date; wanted one such as 2025-06-30", text=text)
        ) from None


def region(text: str) -> str:
    """A region of AWS."""
    from local_aws.embedded.launcher import REGION_NAME  # noqa: PLC0415 - most commands need none

    if not REGION_NAME.fullmatch(text.lower()):
        raise argparse.ArgumentTypeError(
            said("{text!r} is no region of AWS; wanted one such as ap-northeast-2", text=text)
        )
    return text.lower()


def port(text: str) -> int:
    """Of this machine; 0 for a free one."""
    if not text.isdecimal() or not 0 <= int(text) < 65536:
        raise argparse.ArgumentTypeError(said("{text!r} is no port", text=text))
    return int(text)


def quantiles(text: str) -> tuple[str, ...]:
    """At most five with commas between them, each from 0.01 to 0.99, or mean; p10 and 10% are 0.1."""
    full = tuple(_quantile(part.strip()) for part in text.split(","))
    if len(full) > MOST_QUANTILES:
        raise argparse.ArgumentTypeError(
            said("{count} quantiles, wanted at most {most}", count=len(full), most=MOST_QUANTILES)
        )
    twice = [quantile for quantile in full if full.count(quantile) > 1]
    if twice:
        raise argparse.ArgumentTypeError(said("quantile {quantile} is there twice", quantile=twice[0]))
    return full


def _quantile(text: str) -> str:
    """As Amazon Forecast writes it, without zeros at the end."""
    if text.lower() == MEAN:
        return MEAN
    match = _QUANTILE.fullmatch(text.lower())
    if match:
        hundredths = match["hundredths"] or match["percent"]
        share = Decimal(hundredths) / 100 if hundredths else Decimal(match["share"])
        if share:
            return str(share.normalize())
    raise argparse.ArgumentTypeError(
        said("{text!r} is no quantile; wanted numbers from 0.01 to 0.99 (0.1, p10 or 10%), or mean", text=text)
    )
