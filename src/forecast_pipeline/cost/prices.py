"""Price lists: US dollars by region, without tax, free tiers and discounts. Pure data.

The price of a transition is that of AWS's page https://aws.amazon.com/step-functions/pricing/, Lambda's in us-east-1
are those that https://cloudchipr.com/blog/aws-lambda-pricing quotes. AWS's other pages could not be read: the prices of
S3, of Lambda in ap-northeast-2 and of Amazon Forecast are from memory, and not checked.
"""

from dataclasses import dataclass

AS_OF = "26 November 2026"
STANDARD_REGION = "us-east-1"  # whose prices stand for a region that has no list here


@dataclass(frozen=True)
class Prices:
    """Of Lambda a second of a gigabyte and a request, of Step Functions a transition, of S3 a request and a month."""

    arm64_gigabyte_second: float
    x86_64_gigabyte_second: float
    invocation: float
    transition: float
    write: float  # PUT, COPY, POST, LIST
    read: float  # GET and all others but DELETE, which is free
    gigabyte_month: float


PRICES = {
    "us-east-1": Prices(0.0000133334, 0.0000166667, 0.20e-6, 0.0250e-3, 0.0050e-3, 0.00040e-3, 0.023),
    "ap-northeast-2": Prices(0.0000133334, 0.0000166667, 0.20e-6, 0.0271e-3, 0.0045e-3, 0.00035e-3, 0.025),
}

# Of Amazon Forecast: up to so many forecast data points a month, so much for each. Import and training cost besides.
FORECAST_POINT_TIERS = ((100_000, 2.00e-3), (1_000_000, 0.80e-3), (50_000_000, 0.20e-3), (float("inf"), 0.02e-3))


def amazon_forecast_points(points: int) -> float:
    """What Amazon Forecast asks for so many forecast data points (series x steps x quantiles), in US dollars.

    >>> round(amazon_forecast_points(148 * 12 * 3), 2)
    10.66
    """
    dollars, below = 0.0, 0.0
    for most, price in FORECAST_POINT_TIERS:
        dollars += max(0.0, min(points, most) - below) * price
        below = most
    return dollars
