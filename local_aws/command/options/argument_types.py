"""What options of the `almanac` command may be; anything else is refused in argparse's own words."""

import argparse
import re

from forecast_contract.frequencies import FREQUENCY_WORDS, is_frequency
from forecast_contract.holiday_countries import HOLIDAY_COUNTRIES
from local_aws.embedded.launcher import REGION_NAME
from local_aws.periods.frequency import BUSINESS_DAYS

MOST_QUANTILES = 5  # Amazon Forecast's limit


def frequency(text: str) -> str:
    """Of the forecast: one of the contract's, or business days."""
    if text != BUSINESS_DAYS and not is_frequency(text):
        wanted = f"{FREQUENCY_WORDS}; {BUSINESS_DAYS} for business days"
        raise argparse.ArgumentTypeError(f"{text!r} is no frequency; wanted {wanted}")
    return text


def country(text: str) -> str:
    """One whose holidays are known."""
    if text.upper() not in HOLIDAY_COUNTRIES:
        raise argparse.ArgumentTypeError(f"{text!r} is no country here; wanted one of {', '.join(HOLIDAY_COUNTRIES)}")
    return text.upper()


def columns(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def positive(text: str) -> int:
    """A whole number above 0."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def region(text: str) -> str:
    """A region of AWS."""
    if not REGION_NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no region of AWS; wanted one such as ap-northeast-2")
    return text


def port(text: str) -> int:
    """Of this machine; 0 for a free one."""
    if not text.isdigit() or not 0 <= int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)


def quantiles(text: str) -> tuple[str, ...]:
    """At most five with commas between them, each from 0.01 to 0.99, or mean."""
    quantiles = tuple(part.strip() for part in text.split(","))
    for quantile in quantiles:
        if quantile != "mean" and not re.fullmatch(r"0?\.(0[1-9]|[1-9]\d?)", quantile):
            raise argparse.ArgumentTypeError(f"{quantile!r} is no quantile; wanted numbers from 0.01 to 0.99, or mean")
    if len(quantiles) > MOST_QUANTILES:
        raise argparse.ArgumentTypeError(f"{len(quantiles)} quantiles, wanted at most {MOST_QUANTILES}")
    full = tuple(f"0{quantile}" if quantile.startswith(".") else quantile for quantile in quantiles)
    twice = [quantile for quantile in full if full.count(quantile) > 1]
    if twice:
        raise argparse.ArgumentTypeError(f"quantile {twice[0]} is there twice")
    return full
