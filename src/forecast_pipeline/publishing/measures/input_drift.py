"""What says that the input drifts, before any forecast of it can come true: fewer rows, items gone, another level."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forecast_language import said
from forecast_pipeline.parameters.publishing_rules import DriftLimits
from forecast_pipeline.publishing.exports.run_tables import RunTables
from forecast_pipeline.publishing.measures.aligned_history import AlignedHistory
from forecast_pipeline.runs.came_true import LEAST_POINTS
from forecast_pipeline.runs.period_words import counted_periods
from forecast_pipeline.runs.published import Published


@dataclass(frozen=True)
class LevelSums:
    """Sums of the target over the rows of some series: of the last season, ``now``, and of the one ``before``.

    ``now_rows`` and ``before_rows`` count the rows with a value. All are 0 where the history has no two seasons.
    """

    now: float = 0.0
    before: float = 0.0
    now_rows: int = 0
    before_rows: int = 0

    def __add__(self, other: "LevelSums") -> "LevelSums":
        """Of the series of both."""
        return LevelSums(
            self.now + other.now,
            self.before + other.before,
            self.now_rows + other.now_rows,
            self.before_rows + other.before_rows,
        )


def longest_season(seasons: Sequence[int]) -> int:
    """The periods that are compared: of hours a week, since a Sunday is no sign on a Saturday; 1 without a season.

    >>> longest_season((24, 168)), longest_season(())
    (168, 1)
    """
    return max(seasons, default=1)


def level_sums(tables: RunTables, history: AlignedHistory, whole_periods: int) -> LevelSums:
    """Of the two last seasons of the history, which has so many whole periods."""
    season = longest_season(history.grid.frequency.seasonal_periods)
    if whole_periods < 2 * season:
        return LevelSums()
    start, middle, end = (
        str(history.grid.timestamps(whole_periods - periods, 1)[0]) for periods in (2 * season, season, 0)
    )
    now, before, *rows = tables.connection.execute(
        """
        SELECT coalesce(sum(target) FILTER (timestamp >= $middle), 0),
               coalesce(sum(target) FILTER (timestamp < $middle), 0),
               count(*) FILTER (timestamp >= $middle), count(*) FILTER (timestamp < $middle)
        FROM history WHERE timestamp >= $start AND timestamp < $end AND target IS NOT NULL AND NOT isnan(target)
        """,
        {"start": start, "middle": middle, "end": end},
    ).fetchall()[0]
    return LevelSums(float(now), float(before), *map(int, rows))


def input_signs(published: Published, levels: LevelSums, span: str, limits: DriftLimits) -> Iterator[str]:
    """What says that the input drifts from that of the run before; nothing where no run was before.

    ``span`` is the season of the levels in words, such as "12 months".
    """
    rows, before, changes = published.target_rows, published.RowsBefore, published.ItemChanges
    if before is None:
        return
    if rows is not None and before and 1 - rows / before > limits.RowLoss:
        yield said(
            "{rows} rows of the target were used, {share:.0f} % fewer than the {before} of the run before",
            rows=rows,
            share=(1 - rows / before) * 100,
            before=before,
        )
    if changes and changes.Earlier and changes.Vanished / changes.Earlier > limits.ItemLoss:
        yield said("{vanished} of {earlier} items have vanished", vanished=changes.Vanished, earlier=changes.Earlier)
    if min(levels.now_rows, levels.before_rows) < LEAST_POINTS or not levels.before:
        return
    is_sum = published.Aggregation == "sum"
    now = levels.now if is_sum else levels.now / levels.now_rows
    earlier = levels.before if is_sum else levels.before / levels.before_rows
    change = (now - earlier) / abs(earlier)
    if abs(change) > limits.LevelChange:
        yield _other_level(change, span, is_sum=is_sum)


def span_of_season(seasons: Sequence[int], frequency: str) -> str:
    """The season of the levels in words.

    >>> span_of_season((12,), "M")
    '12 months'
    """
    return counted_periods(longest_season(seasons), frequency)


def _other_level(change: float, span: str, *, is_sum: bool) -> str:
    share = abs(change) * 100
    if is_sum and change > 0:
        return said(
            "the total of the last {span} lies {share:.0f} % above that of the {span} before", span=span, share=share
        )
    if is_sum:
        return said(
            "the total of the last {span} lies {share:.0f} % below that of the {span} before", span=span, share=share
        )
    if change > 0:
        return said(
            "the mean of the last {span} lies {share:.0f} % above that of the {span} before", span=span, share=share
        )
    return said(
        "the mean of the last {span} lies {share:.0f} % below that of the {span} before", span=span, share=share
    )
