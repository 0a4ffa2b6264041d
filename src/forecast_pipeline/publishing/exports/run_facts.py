"""What the files of a run say together: the sum over the workers that each read some of them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from forecast_files.left_out import LeftOut
from forecast_files.row_counts import RowCounts
from forecast_pipeline.publishing.exports.earlier_forecasts import EarlierForecast
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes

NO_ROWS = RowCounts(0, LeftOut())


@dataclass(frozen=True)
class RunFacts:
    """Facts of some files of a run; those of no file by default.

    ``rows`` counts the rows of the train files; ``is_headed``: each of these begins with a header, ``is_quoted``: one
    of them has a value in quotes. ``forecast_names`` and ``backtest_names`` are the value columns of the two exports.
    ``metadata_columns`` and ``accuracy_metrics`` map the name inside to the column of the file. ``forecast_span`` are
    the first and the last timestamp of the forecast (ISO 8601), ``forecast_row_count`` its rows, a row per series and
    period. ``window_starts`` are the starts of the backtest windows. ``has_earlier_items``: the files of an earlier run
    that name its items have the columns of this one's. ``earlier_forecasts`` are the forecasts of earlier runs, by run.
    """

    rows: RowCounts = NO_ROWS
    is_headed: bool = True
    is_quoted: bool = False
    forecast_names: tuple[str, ...] = ()
    backtest_names: tuple[str, ...] = ()
    metadata_columns: dict[str, str] = field(default_factory=dict)
    accuracy_metrics: dict[str, str] = field(default_factory=dict)
    forecast_span: tuple[str, str] | None = None
    forecast_row_count: int = 0
    window_starts: tuple[str, ...] = ()
    has_earlier_items: bool = False
    earlier_forecasts: dict[str, EarlierForecast] = field(default_factory=dict)

    @property
    def forecast_types(self) -> ForecastTypes:
        """What ``forecast_names`` stand for."""
        return ForecastTypes(self.forecast_names)

    @property
    def backtest_types(self) -> ForecastTypes:
        """What ``backtest_names`` stand for: a forecast may ask for other quantiles than its predictor was given."""
        return ForecastTypes(self.backtest_names)

    @classmethod
    def sum(cls, parts: Iterable[Self]) -> Self:
        """The facts of all files, from those of some each, in the order of the files."""
        known = [*parts]
        rows = [each.rows for each in known]
        spans = [each.forecast_span for each in known if each.forecast_span]
        return cls(
            rows=RowCounts(
                sum(each.read for each in rows),
                LeftOut.sum(each.left_out for each in rows),
                sum(each.unknown for each in rows),
            ),
            is_headed=all(each.is_headed for each in known),
            is_quoted=any(each.is_quoted for each in known),
            forecast_names=next((each.forecast_names for each in known if each.forecast_names), ()),
            backtest_names=next((each.backtest_names for each in known if each.backtest_names), ()),
            metadata_columns=next((each.metadata_columns for each in known if each.metadata_columns), {}),
            accuracy_metrics=next((each.accuracy_metrics for each in known if each.accuracy_metrics), {}),
            forecast_span=(min(first for first, _ in spans), max(last for _, last in spans)) if spans else None,
            forecast_row_count=sum(each.forecast_row_count for each in known),
            window_starts=tuple(sorted({start for each in known for start in each.window_starts})),
            has_earlier_items=any(each.has_earlier_items for each in known),
            earlier_forecasts=_earlier_forecasts(known),
        )

    def to_document(self) -> dict[str, Any]:
        """The same facts as a JSON object."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Facts from what ``to_document`` wrote."""
        rows, span = document["rows"], document["forecast_span"]
        lists = {name: tuple(document[name]) for name in ("forecast_names", "backtest_names", "window_starts")}
        counts = RowCounts(rows["read"], LeftOut(**rows["left_out"]), rows["unknown"])
        earlier = {run: EarlierForecast.from_document(each) for run, each in document["earlier_forecasts"].items()}
        return cls(
            **document
            | lists
            | {"rows": counts, "forecast_span": (span[0], span[1]) if span else None, "earlier_forecasts": earlier}
        )


def _earlier_forecasts(parts: Sequence[RunFacts]) -> dict[str, EarlierForecast]:
    together: dict[str, EarlierForecast] = {}
    for run, each in (found for part in parts for found in part.earlier_forecasts.items()):
        together[run] = together[run].together(each) if run in together else each
    return together


def without_period(rows: RowCounts, count: int, unknown: int) -> RowCounts:
    """``rows`` of which ``count``, ``unknown`` of them without a target, lie in an unfinished last period."""
    if not count:
        return rows
    return RowCounts(rows.read, LeftOut.sum([rows.left_out, LeftOut({"period": count})]), rows.unknown - unknown)
