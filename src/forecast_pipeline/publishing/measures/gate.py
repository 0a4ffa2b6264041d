"""The gate before publishing: which forecast may replace the one in place, and why another is held back."""

from collections.abc import Iterator

from forecast_language import said
from forecast_pipeline.parameters.publishing_rules import PublishIf
from forecast_pipeline.runs.published import Published

USUAL_LOSS_OVER_NAIVE = 1.1


def reasons_to_hold_back(forecast: Published, latest: Published | None, wanted: PublishIf) -> list[str]:
    """Why the forecast does not replace the latest one, in words; nothing if it does. ``latest`` is None at first."""
    reasons = [*_beside_naive(forecast, latest, wanted), *_coverage(forecast, wanted)]
    return reasons if latest is None else [*reasons, *_beside_latest(forecast, latest, wanted)]


def _beside_naive(forecast: Published, latest: Published | None, wanted: PublishIf) -> Iterator[str]:
    ratio, most = _over_naive(forecast), wanted.MaxLossOverNaive
    if most is None:
        before = _over_naive(latest) if latest else None
        if before is None or before > USUAL_LOSS_OVER_NAIVE:
            return
        most = USUAL_LOSS_OVER_NAIVE
    if ratio is not None and ratio > most:
        yield said(
            "its loss in the backtest is {ratio:.3g} times that of seasonal naive, wanted {most:g} times at most",
            ratio=ratio,
            most=most,
        )


def _beside_latest(forecast: Published, latest: Published, wanted: PublishIf) -> Iterator[str]:
    now, before, most = forecast.deciding_measure, latest.deciding_measure, wanted.MaxLossOverLatest
    if most is not None and now and before and now[0] == before[0] and before[1] and now[1] / before[1] > most:
        yield said(
            "its loss in the backtest, {measure} {loss:.4g}, is {ratio:.3g} times that of the forecast in place,"
            " wanted {most:g} times at most",
            measure=now[0],
            loss=now[1],
            ratio=now[1] / before[1],
            most=most,
        )
    least = wanted.MinItemShare
    if least is not None and forecast.ItemCount < least * latest.ItemCount:
        yield said(
            "it has {items} items where the forecast in place has {before}, wanted {least:g} of them or more",
            items=forecast.ItemCount,
            before=latest.ItemCount,
            least=least,
        )


def _coverage(forecast: Published, wanted: PublishIf) -> Iterator[str]:
    held, least, most = forecast.Accuracy.Coverage80, wanted.MinCoverage, wanted.MaxCoverage
    if held is None:
        return
    if least is not None and held < least:
        yield said(
            "its 80 % band held {held:.3g} of the actual values in the backtest, wanted {least:g} or more",
            held=held,
            least=least,
        )
    if most is not None and held > most:
        yield said(
            "its 80 % band held {held:.3g} of the actual values in the backtest, wanted {most:g} or less",
            held=held,
            most=most,
        )


def _over_naive(published: Published) -> float | None:
    """The loss over seasonal naive's; None where nothing was measured, or naive was exact and so was the forecast."""
    if published.deciding_measure is None:
        return None
    _, loss, naive = published.deciding_measure
    if naive:
        return loss / naive
    return float("inf") if loss else None
