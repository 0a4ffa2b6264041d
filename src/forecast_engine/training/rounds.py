"""Training in rounds: every shard runs a round on its own items, the sums are merged, and the next round reads them.

``sample``     shards send the items that the global model is trained on; it is part of the document from here on.
``backtest``   every member forecasts every window; the sums are the panel's relative errors of each member.
``calibrate``  items mix the members; the sums are the counts of how far the mixtures were off.
``evaluate``   quantiles of the reported windows, scored; the sums are those of the metrics.

What a window is judged by never saw that window: see ``calibration``.
"""

from collections.abc import Iterable

from forecast_engine import global_model
from forecast_engine.evaluation.windows import backtest_windows
from forecast_engine.models import GLOBAL_MODEL
from forecast_engine.panel.panel import Panel
from forecast_engine.portfolio.portfolio import Portfolio, models_for
from forecast_engine.settings import Document, TrainingSettings
from forecast_engine.state import RoundResult, State
from forecast_engine.training.backtest import backtest, merge_backtest
from forecast_engine.training.calibration import calibrate, merge_calibrate
from forecast_engine.training.scoring import evaluate, evaluated_levels, merge_evaluate

ROUNDS: tuple[str, ...] = ("sample", "backtest", "calibrate", "evaluate")


def run_round(name: str, panel: Panel, settings: TrainingSettings, state: State, shared: Document) -> RoundResult:
    """Run one round of ``ROUNDS`` on one shard; the first takes ``{}`` and ``initial_shared_state(item_count)``."""
    if name == "sample":
        return _sample(panel, settings, shared)
    if name == "backtest":
        return backtest(panel, settings, shared)
    if name == "calibrate":
        return RoundResult(*calibrate(settings.horizon, state, shared))
    if name == "evaluate":
        return RoundResult(*evaluate(panel, settings, state, shared))
    raise ValueError(f"Unknown round {name!r}: expected one of {', '.join(ROUNDS)}")


def merge_round(name: str, sums: Iterable[Document], shared: Document, settings: TrainingSettings) -> Document:
    """Add up one round's sums of all shards, in any order; the document that the next round reads."""
    shards = list(sums)
    if not shards:
        raise ValueError(f"Round {name!r} needs the sums of at least one shard, found none")
    if name == "sample":
        return shared | global_model.fit(shards, settings).to_document()
    if name == "backtest":
        return shared | merge_backtest(shards)
    if name == "calibrate":
        return shared | merge_calibrate(shards, evaluated_levels(settings))
    if name == "evaluate":
        return shared | {"accuracy": merge_evaluate(shards, settings)}
    raise ValueError(f"Unknown round {name!r}: expected one of {', '.join(ROUNDS)}")


def _sample(panel: Panel, settings: TrainingSettings, shared: Document) -> RoundResult:
    """Nothing is sent where the global model is not wanted; settings that no history can satisfy fail here."""
    Portfolio.for_frequency(panel.grid.frequency, settings.models)
    backtest_windows(panel.grid.length, settings)
    wanted = GLOBAL_MODEL in (settings.models or models_for(panel.grid.frequency))
    return RoundResult({}, global_model.sample(panel, shared["item_count"]).to_document() if wanted else {})
