"""How good the forecast of a run was in the backtest, and what moves it, in lines of the mail."""

from collections.abc import Iterator

from forecast_language import counted, said
from forecast_pipeline.mail_subject import gain
from forecast_pipeline.runs.published import Published


def accuracy_lines(published: Published) -> Iterator[str]:
    """Each measure beside seasonal naive's."""
    forecast, naive = published.Accuracy, published.SeasonalNaive
    yield counted(
        "Accuracy in {number} backtest window, against seasonal naive:",
        "Accuracy in {number} backtest windows, against seasonal naive:",
        forecast.WindowCount or 0,
    )
    for words, error, naive_error in (
        (
            said("average weighted quantile loss"),
            forecast.AverageWeightedQuantileLoss,
            naive.AverageWeightedQuantileLoss,
        ),
        ("WAPE", forecast.WAPE, naive.WAPE),
        ("RMSE", forecast.RMSE, naive.RMSE),
        ("MASE", forecast.MASE, naive.MASE),
    ):
        figures = said(
            "{measure}: {error}, seasonal naive {naive}",
            measure=words,
            error=_number(error),
            naive=_number(naive_error),
        )
        yield f"  {figures}{_beside_naive(error, naive_error)}"
    if forecast.Coverage80 is not None:
        held = said("the 80 % interval held {share:.1%} of the actual values", share=forecast.Coverage80)
        yield f"  {held}"


def impact_lines(published: Published) -> Iterator[str]:
    """How much each attribute moves the forecast, if the run asked for an explanation.

    The sign of a score is that of its sum over the days to come, among them those without a promotion: it would be read
    as what a promotion does.
    """
    impact = published.AttributeImpact or {}
    if impact and not any(impact.values()):
        yield from ("", said("The history alone moves the forecast, not {names}.", names=", ".join(impact)))
    elif len(impact) > 1:  # one alone is compared with itself
        yield ""
        yield said("What moves the forecast besides the history, compared with what moves it most:")
        for name, score in impact.items():
            yield f"  {name}: {abs(score):.2f}"


def _beside_naive(error: float | None, naive_error: float | None) -> str:
    saved = gain(error, naive_error)
    if saved is None:
        return ""
    if saved == 0:
        return said(" (the same)")
    if saved > 0:
        return said(" ({share:.1%} better)", share=saved)
    return said(" ({share:.1%} WORSE)", share=-saved)


def _number(value: float | None) -> str:
    return said("undefined") if value is None else f"{value:.4g}"
