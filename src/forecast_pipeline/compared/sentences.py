"""How a run compares with the run before, in lines of the mail: what changed much, and nothing else."""

from collections.abc import Iterator

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
        yield f"Compared with run {before.Run}:"
        yield from (f"  {line}" for line in lines)
        return
    compared = ["horizon"]
    compared += ["total"] if before.Total is not None else []
    compared += ["accuracy"]
    compared += ["parameters"] if before.ChangedParameters is not None else []
    yield f"Compared with run {before.Run}, {', '.join(compared[:-1])} and {compared[-1]} are much the same."


def _horizon(published: Published, before: RunBefore) -> Iterator[str]:
    if published.Horizon != before.Horizon:
        yield f"horizon: {published.Horizon} steps, before {before.Horizon}"


def _level(before: RunBefore) -> Iterator[str]:
    """Over the series and periods that both have forecast."""
    if before.Total is None or before.SharedTotal is None or not before.Total:
        return
    change = (before.SharedTotal - before.Total) / abs(before.Total)
    if abs(change) >= MUCH:
        side = "above" if change > 0 else "below"
        yield f"total of the steps that both forecast: {abs(change) * 100:.1f} % {side} that of the run before"


def _accuracy(published: Published, before: RunBefore) -> Iterator[str]:
    """Now and then, the forecast's and seasonal naive's, where either changed much."""
    now, then = published.deciding_measure, before.deciding_measure
    if not now or not then or now[0] != then[0]:
        return
    if any(_changed_much(*pair) for pair in zip(then[1:], now[1:], strict=True)):
        name, loss, naive = now
        beside = f"seasonal naive {naive:.4g}, before {then[2]:.4g}"
        yield f"{name} in the backtest: {loss:.4g}, before {then[1]:.4g}; {beside}"


def _parameters(before: RunBefore) -> Iterator[str]:
    changed = before.ChangedParameters or []
    yield from changed[:MOST_PARAMETERS]
    if len(changed) > MOST_PARAMETERS:
        more = len(changed) - MOST_PARAMETERS
        yield f"{more} more parameter{'s' if more > 1 else ''}"


def _changed_much(before: float, now: float) -> bool:
    return abs(now - before) >= MUCH * before if before else now > 0
