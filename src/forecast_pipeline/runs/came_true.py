"""What became of an earlier forecast, as far as its time has come: figures, and the sentences about them.

The mail, the report and the terminal say the same sentences.
"""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from forecast_language import said
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
    inside = ""
    if figures.Inside is not None and figures.BandShare is not None:
        inside = said(
            "; {inside:.0f} % of {points} values were inside the {band:.0f} % band",
            inside=figures.Inside * 100,
            points=figures.Points,
            band=figures.BandShare * 100,
        )
    yield _against(figures, inside)
    measure, error, naive, promised = "WAPE", figures.WAPE, figures.SeasonalNaiveWAPE, None
    if figures.AverageWeightedQuantileLoss is not None:
        measure, error = said("average weighted quantile loss"), figures.AverageWeightedQuantileLoss
        naive, promised = (
            figures.SeasonalNaiveAverageWeightedQuantileLoss,
            figures.PromisedAverageWeightedQuantileLoss,
        )
    if error is not None:
        beside = "" if naive is None else said(", that of seasonal naive {naive:.4g}", naive=naive)
        backtest = "" if promised is None else said("; its backtest said {promised:.4g}", promised=promised)
        yield said(
            "Its {measure} on them is {error:.4g}{beside}{backtest}.",
            measure=measure,
            error=error,
            beside=beside,
            backtest=backtest,
        )


def drift_signs(figures: CameTrue, limits: DriftLimits) -> Iterator[str]:
    """What says that the forecasts drift away from what comes; nothing where too few values have come to tell."""
    if figures.Points < LEAST_POINTS:
        return
    loss, promised = figures.AverageWeightedQuantileLoss, figures.PromisedAverageWeightedQuantileLoss
    if loss is not None and promised and loss > limits.LossRatio * promised:
        yield said("the loss is {ratio:.1f} times that of the backtest", ratio=loss / promised)
    if (
        figures.Inside is not None
        and figures.BandShare is not None
        and figures.BandShare - figures.Inside > limits.CoverageGap
    ):
        yield said(
            "the {band:.0f} % band held {inside:.0f} % of the values",
            band=figures.BandShare * 100,
            inside=figures.Inside * 100,
        )
    if figures.Bias is not None and abs(figures.Bias) > limits.Bias:
        share = abs(figures.Bias) * 100
        if figures.Bias > 0:
            yield said("the values lie {share:.0f} % above the forecast", share=share)
        else:
            yield said("the values lie {share:.0f} % below the forecast", share=share)


def drift_sentence(signs: list[str]) -> str:
    """The signs of drift as a sentence; "" without any.

    >>> drift_sentence(["the 80 % band held 50 % of the values"])
    'It drifts: the 80 % band held 50 % of the values.'
    """
    return said("It drifts: {signs}.", signs="; ".join(signs)) if signs else ""


def span_of(figures: CameTrue) -> str:
    """Which periods have come.

    >>> span_of(CameTrue(Run="", Made="", First="2024-06-03T00:00:00", Periods=3, Frequency="W", Points=1, Actual=1, Forecast=1))
    '3 weeks from 2024-06-03 on'
    """  # noqa: E501
    one, many = period_name(figures.Frequency), counted_periods(figures.Periods, figures.Frequency)
    start = figures.First.removesuffix("T00:00:00").replace("T", " ")
    return said("{periods} from {start} on", periods=one if figures.Periods == 1 else many, start=start)


def _against(figures: CameTrue, inside: str) -> str:
    """How what came lies to what was forecast.

    >>> figures = {"Run": "8c01", "Made": "2024-06-01", "First": "2024-06-01", "Periods": 1, "Frequency": "D"}
    >>> _against(CameTrue(**figures, Points=1, Actual=97.0, Forecast=100.0), "")
    'The day from 2024-06-01 on came out 3.0 % below the forecast of 2024-06-01 (run 8c01).'
    >>> _against(CameTrue(**figures, Points=1, Actual=5.0, Forecast=0.0), "")
    'The day from 2024-06-01 on came out at 5 where 0 was the forecast of 2024-06-01 (run 8c01).'
    """
    told = {"span": span_of(figures), "made": figures.Made[:10], "run": figures.Run, "inside": inside}
    if not figures.Forecast:
        return said(
            "The {span} came out at {actual:.4g} where 0 was the forecast of {made} (run {run}){inside}.",
            actual=figures.Actual,
            **told,
        )
    change = figures.Actual / figures.Forecast - 1
    share = abs(change) * 100
    if abs(change) < 0.0005:
        return said("The {span} came out as in the forecast of {made} (run {run}){inside}.", **told)
    if change > 0:
        return said(
            "The {span} came out {share:.1f} % above the forecast of {made} (run {run}){inside}.", share=share, **told
        )
    return said(
        "The {span} came out {share:.1f} % below the forecast of {made} (run {run}){inside}.", share=share, **told
    )
