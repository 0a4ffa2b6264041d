"""How a run compares with the run before, in lines of the mail: what changed much, and nothing else."""

from collections.abc import Iterator

from forecast_language import counted, said
from forecast_pipeline.runs.published import Published, RunBefore

MOST_PARAMETERS = 10
MUCH = 0.05  # a total or a loss that changed by less is much the same


def compared_with_before(published: Published) -> Iterator[str]:
    """A heading and a line for each change; one sentence where nothing changed much, nothing without a run before."""
    before = published.Before
    if before is None:
        return
    lines = [
        *_horizon(published, before),
        *_level(before),
        *_accuracy(published, before),
        *_parameters(before),
        *before.ChangedFiles,
    ]
    if lines:
        yield said("Compared with run {run}:", run=before.Run)
        yield from (f"  {line}" for line in lines)
    else:
        yield _much_the_same(before)


def _much_the_same(before: RunBefore) -> str:
    run = before.Run
    if before.ChangedParameters is None:  # what made the run before is not known
        if before.Total is None:
            return said("Compared with run {run}, horizon and accuracy are much the same.", run=run)
        return said("Compared with run {run}, horizon, total and accuracy are much the same.", run=run)
    if before.Total is None:
        return said("Compared with run {run}, horizon, accuracy and parameters are much the same.", run=run)
    return said("Compared with run {run}, horizon, total, accuracy and parameters are much the same.", run=run)


def _horizon(published: Published, before: RunBefore) -> Iterator[str]:
    if published.Horizon != before.Horizon:
        yield said("horizon: {now} steps, before {before}", now=published.Horizon, before=before.Horizon)


def _level(before: RunBefore) -> Iterator[str]:
    """Over the series and periods that both have forecast."""
    if before.Total is None or before.SharedTotal is None or not before.Total:
        return
    change = (before.SharedTotal - before.Total) / abs(before.Total)
    share = abs(change) * 100
    if change >= MUCH:
        yield said("total of the steps that both forecast: {share:.1f} % above that of the run before", share=share)
    elif change <= -MUCH:
        yield said("total of the steps that both forecast: {share:.1f} % below that of the run before", share=share)


def _accuracy(published: Published, before: RunBefore) -> Iterator[str]:
    """Now and then, the forecast's and seasonal naive's, where either changed much."""
    now, then = published.deciding_measure, before.deciding_measure
    if not now or not then or now[0] != then[0]:
        return
    if any(_changed_much(*pair) for pair in zip(then[1:], now[1:], strict=True)):
        yield said(
            "{measure} in the backtest: {loss:.4g}, before {loss_before:.4g}; "
            "seasonal naive {naive:.4g}, before {naive_before:.4g}",
            measure=now[0],
            loss=now[1],
            loss_before=then[1],
            naive=now[2],
            naive_before=then[2],
        )


def _parameters(before: RunBefore) -> Iterator[str]:
    changed = before.ChangedParameters or []
    yield from changed[:MOST_PARAMETERS]
    if len(changed) > MOST_PARAMETERS:
        yield counted("{number} more parameter", "{number} more parameters", len(changed) - MOST_PARAMETERS)


def _changed_much(before: float, now: float) -> bool:
    return abs(now - before) >= MUCH * before if before else now > 0
