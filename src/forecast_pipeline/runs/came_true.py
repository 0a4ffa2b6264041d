"""What became of an earlier forecast, as far as its time has come: figures, and the sentences about them.

The mail, the report and the terminal say the same sentences.
"""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from forecast_pipeline.parameters.publishing_rules import DriftLimits
from forecast_pipeline.runs.period_words import counted_periods, period_name

LEAST_POINTS = 10  # values below this number are chance


class CameTrue(BaseModel):
    """The forecast of an earlier run on the ``Periods`` of ``Frequency`` from ``First`` on that have come since.

    ``Points`` counts values of all series. ``Actual`` and ``Forecast`` are sums over them, ``Bias`` is
    (Actual - Forecast) / sum of |actual|. ``Inside`` is the share of values within the band, which should hold
    ``BandShare`` of them. The members that begin with ``Promised`` are what the run's own backtest said, and the losses
    are average weighted quantile losses; None where nothing defines a figure.
    """

    model_config = ConfigDict(defer_build=True)

    Run: str
    Made: str
    First: str
    Periods: int
    Frequency: str
    Points: int
    Actual: float
    Forecast: float
    Bias: float | None = None
    Inside: float | None = None
    BandShare: float | None = None
    AverageWeightedQuantileLoss: float | None = None
    SeasonalNaiveAverageWeightedQuantileLoss: float | None = None
    WAPE: float | None = None
    SeasonalNaiveWAPE: float | None = None
    PromisedAverageWeightedQuantileLoss: float | None = None
    PromisedInside: float | None = None


def came_true_sentences(figures: CameTrue) -> Iterator[str]:
    """How the forecast compares with what came, then how its error compares with seasonal naive's and the promise.

    >>> june = CameTrue(Run="8c01", Made="2024-06-01T06:00:00+00:00", First="2024-06-01T00:00:00", Periods=1,
    ...     Frequency="M", Points=50, Actual=103.0, Forecast=100.0, Inside=0.84, BandShare=0.8, WAPE=0.1,
    ...     SeasonalNaiveWAPE=0.15)
    >>> for sentence in came_true_sentences(june):
    ...     print(sentence)
    The month from 2024-06-01 on came out 3.0 % above the forecast of 2024-06-01 (run 8c01); 84 % of 50 values were inside the 80 % band.
    Its WAPE on them is 0.1, that of seasonal naive 0.15.
    """  # noqa: E501
    span = f"The {span_of(figures)} came out"
    inside = ""
    if figures.Inside is not None and figures.BandShare is not None:
        band = f"the {figures.BandShare:.0%} band".replace("%", " %")
        inside = f"; {figures.Inside * 100:.0f} % of {figures.Points} values were inside {band}"
    yield f"{span} {against(figures)} of {figures.Made[:10]} (run {figures.Run}){inside}."
    measure, error, naive, promised = "WAPE", figures.WAPE, figures.SeasonalNaiveWAPE, None
    if figures.AverageWeightedQuantileLoss is not None:
        measure, error = "average weighted quantile loss", figures.AverageWeightedQuantileLoss
        naive, promised = (
            figures.SeasonalNaiveAverageWeightedQuantileLoss,
            figures.PromisedAverageWeightedQuantileLoss,
        )
    if error is not None:
        beside = "" if naive is None else f", that of seasonal naive {naive:.4g}"
        backtest = "" if promised is None else f"; its backtest said {promised:.4g}"
        yield f"Its {measure} on them is {error:.4g}{beside}{backtest}."


def drift_signs(figures: CameTrue, limits: DriftLimits) -> Iterator[str]:
    """What says that the forecasts drift away from what comes; nothing where too few values have come to tell."""
    if figures.Points < LEAST_POINTS:
        return
    loss, promised = figures.AverageWeightedQuantileLoss, figures.PromisedAverageWeightedQuantileLoss
    if loss is not None and promised and loss > limits.LossRatio * promised:
        yield f"the loss is {loss / promised:.1f} times that of the backtest"
    if (
        figures.Inside is not None
        and figures.BandShare is not None
        and figures.BandShare - figures.Inside > limits.CoverageGap
    ):
        yield f"the {figures.BandShare * 100:.0f} % band held {figures.Inside * 100:.0f} % of the values"
    if figures.Bias is not None and abs(figures.Bias) > limits.Bias:
        yield f"the values lie {abs(figures.Bias) * 100:.0f} % {'above' if figures.Bias > 0 else 'below'} the forecast"


def drift_sentence(signs: list[str]) -> str:
    """The signs of drift as a sentence; "" without any.

    >>> drift_sentence(["the 80 % band held 50 % of the values"])
    'It drifts: the 80 % band held 50 % of the values.'
    """
    return f"It drifts: {'; '.join(signs)}." if signs else ""


def span_of(figures: CameTrue) -> str:
    """Which periods have come.

    >>> span_of(CameTrue(Run="", Made="", First="2024-06-03T00:00:00", Periods=3, Frequency="W", Points=1, Actual=1, Forecast=1))
    '3 weeks from 2024-06-03 on'
    """  # noqa: E501
    one, many = period_name(figures.Frequency), counted_periods(figures.Periods, figures.Frequency)
    return f"{one if figures.Periods == 1 else many} from {_date(figures.First)} on"


def against(figures: CameTrue) -> str:
    """How what came lies to what was forecast.

    >>> figures = {"Run": "", "Made": "", "First": "", "Periods": 1, "Frequency": "D", "Points": 1}
    >>> against(CameTrue(**figures, Actual=97.0, Forecast=100.0))
    '3.0 % below the forecast'
    >>> against(CameTrue(**figures, Actual=5.0, Forecast=0.0))
    'at 5 where 0 was the forecast'
    """
    if not figures.Forecast:
        return f"at {figures.Actual:.4g} where 0 was the forecast"
    share = figures.Actual / figures.Forecast - 1
    if abs(share) < 0.0005:
        return "as in the forecast"
    return f"{abs(share) * 100:.1f} % {'above' if share > 0 else 'below'} the forecast"


def _date(timestamp: str) -> str:
    return timestamp.removesuffix("T00:00:00").replace("T", " ")
