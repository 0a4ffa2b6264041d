"""What a run used and would cost, in words: for the mail, and for `almanac cost`."""

from dataclasses import asdict
from typing import Any

from forecast_language import said
from forecast_pipeline.cost.prices import AS_OF, PRICES, STANDARD_REGION, amazon_forecast_points
from forecast_pipeline.cost.used import Used


def used_sentence(used: Used, region: str, architecture: str = "arm64") -> str:
    """What was used, and its price in a region; in that of us-east-1 where there is no list of the region.

    >>> used_sentence(Used(36, 45, 24.25, 60, 90), "us-east-1")  # 900e-6 + 9e-6 + 323e-6 + 300e-6 + 36e-6
    'Used: 36 transitions of state, 24 GB-seconds in 45 invocations of Lambda, some 150 requests of S3; about $0.0016 \
at the prices of us-east-1 of 26 November 2026.'
    """
    listed, dollars = priced(used, region, architecture)
    return said(
        "Used: {transitions:,} transitions of state, {gigabyte_seconds:,.0f} GB-seconds in {invocations:,} invocations"
        " of Lambda, some {requests:,} requests of S3; about {dollars} at the prices of {region} of {day}{instead}.",
        transitions=used.transitions,
        gigabyte_seconds=used.gigabyte_seconds,
        invocations=used.invocations,
        requests=used.writes + used.reads,
        dollars=dollars_of(dollars),
        region=listed,
        day=day_of_prices(),
        instead="" if listed == region else said(" ({region} has no list here)", region=region),
    )


def day_of_prices() -> str:
    """The day of the lists of prices, in words."""
    return said("26 November 2026")


def priced(used: Used, region: str, architecture: str = "arm64") -> tuple[str, float]:
    """The region whose list of prices is taken, and what was used in US dollars by it."""
    listed = region if region in PRICES else STANDARD_REGION
    return listed, used.dollars(PRICES[listed], architecture)


def used_document(used: Used, region: str, architecture: str = "arm64") -> dict[str, Any]:
    """What was used as a JSON object, with its price in dollars, the region of the price and its day."""
    listed, dollars = priced(used, region, architecture)
    return asdict(used) | {"dollars": dollars, "prices_of": listed, "prices_as_of": AS_OF}


def amazon_sentence(points: int) -> str:
    """What Amazon Forecast asks for as many points.

    >>> amazon_sentence(148 * 12 * 3)
    'Amazon Forecast asks $10.66 for 5,328 forecast data points, and more for import and training.'
    """
    return said(
        "Amazon Forecast asks {price} for {points:,} forecast data points, and more for import and training.",
        price=dollars_of(amazon_forecast_points(points)),
        points=points,
    )


def dollars_of(amount: float) -> str:
    """Two digits that say something, and cents where it is more.

    >>> dollars_of(0.00159), dollars_of(0.0573), dollars_of(1220.4)
    ('$0.0016', '$0.057', '$1,220.40')
    """
    if amount >= 1:
        return f"${amount:,.2f}"
    return f"${amount:.2g}" if amount >= 0.0001 else said("less than $0.0001")
