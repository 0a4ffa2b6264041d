"""Training in rounds: every shard runs a round on its own items, the sums are merged, and the next round reads them.

``sample``     shards send the items that the global model is trained on; the panel keeps the fits.
``backtest``   every member forecasts every window; the sums are the panel's relative errors of each member.
``calibrate``  items combine the members; the sums are the counts of how far off that was.
``evaluate``   quantiles of the reported windows, scored; the sums are those of the metrics.

To score a window, nothing learnt from that window is used: see ``calibration``. Here is the border of the engine:
arrays and JSON objects come in and go out, and between them flow the papers of ``forecast_engine.state``.
"""

from collections.abc import Iterable
from functools import reduce
from operator import add

from forecast_engine import global_model
from forecast_engine.evaluation.windows import backtest_windows
from forecast_engine.global_model import FittedModels
from forecast_engine.models import GLOBAL_MODEL
from forecast_engine.panel.panel import Panel
from forecast_engine.portfolio.portfolio import Portfolio, models_for
from forecast_engine.settings import JsonObject, TrainingSettings
from forecast_engine.state import (
    Arrays,
    BacktestState,
    CalibratedState,
    IntervalTables,
    MemberErrors,
    RoundResult,
    TrainedPanel,
)
from forecast_engine.training.backtest import BacktestSums, backtest, merge_backtest
from forecast_engine.training.calibration import CalibrationSums, calibrate, merge_calibrate
from forecast_engine.training.scoring import ScoredWindow, evaluate, evaluated_levels, merge_evaluate

ROUNDS: tuple[str, ...] = ("sample", "backtest", "calibrate", "evaluate")


def run_round(name: str, panel: Panel, settings: TrainingSettings, state: Arrays, shared: JsonObject) -> RoundResult:
    """Run one round of ``ROUNDS`` on one shard.

    ``state`` is that of the shard's last ``RoundResult``, ``shared`` what the last ``merge_round`` gave; the first
    round takes ``{}`` and ``initial_shared_state(item_count)``.
    """
    if name == "sample":
        return RoundResult({}, _sample(panel, settings, shared))
    if name == "backtest":
        kept, sums = backtest(panel, settings, FittedModels.from_document(shared))
        return RoundResult(kept.to_arrays(), sums.to_document())
    if name == "calibrate":
        errors = MemberErrors.from_document(shared)
        calibrated, counts = calibrate(settings, BacktestState.from_arrays(state), errors)
        return RoundResult(calibrated.to_arrays(), counts.to_document())
    if name == "evaluate":
        tables = IntervalTables.from_document(shared)
        trained, windows = evaluate(panel, settings, CalibratedState.from_arrays(state), tables)
        return RoundResult(trained.to_arrays(), {"windows": [window.to_document() for window in windows]})
    raise ValueError(f"Unknown round {name!r}: expected one of {', '.join(ROUNDS)}")


def merge_round(name: str, sums: Iterable[JsonObject], shared: JsonObject, settings: TrainingSettings) -> JsonObject:
    """Add up one round's sums of all shards, in any order; the document that the next round reads."""
    shards = list(sums)
    if not shards:
        raise ValueError(f"Round {name!r} needs the sums of at least one shard, found none")
    if name == "sample":
        return global_model.fit(shards, settings, shared["item_count"]).to_document()
    if name == "backtest":
        backtests = reduce(add, map(BacktestSums.from_document, shards))
        return merge_backtest(backtests, FittedModels.from_document(shared)).to_document()
    if name == "calibrate":
        counts = reduce(add, map(CalibrationSums.from_document, shards))
        errors = MemberErrors.from_document(shared)
        return merge_calibrate(counts, evaluated_levels(settings), errors).to_document()
    if name == "evaluate":
        windows = [[ScoredWindow.from_document(window) for window in shard["windows"]] for shard in shards]
        accuracy = merge_evaluate(windows, settings)
        return TrainedPanel(IntervalTables.from_document(shared), accuracy).to_document()
    raise ValueError(f"Unknown round {name!r}: expected one of {', '.join(ROUNDS)}")


def _sample(panel: Panel, settings: TrainingSettings, shared: JsonObject) -> JsonObject:
    """Nothing is sent where the global model is not wanted; settings that no history can satisfy fail here."""
    Portfolio.for_frequency(panel.grid.frequency, settings.models)
    backtest_windows(panel.grid.length, settings, shared["item_count"])
    has_global_model = GLOBAL_MODEL in (settings.models or models_for(panel.grid.frequency))
    return global_model.sample(panel, shared["item_count"]).to_document() if has_global_model else {}
