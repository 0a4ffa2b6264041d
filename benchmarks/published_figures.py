"""Goals of the engine, and the published figures they were set by, for the tables of ``engine_accuracy.py``.

The figures are printed as they were collected when the engine was designed; nothing here was measured again.
"""

from dataclasses import dataclass
from typing import Literal

Measure = Literal["mase", "owa", "weighted_quantile_loss"]
MEASURES: dict[Measure, str] = {"mase": "MASE", "owa": "OWA", "weighted_quantile_loss": "WQL"}
COVERAGE_GOAL = (0.75, 0.85)  # share of the test values in the 80 % interval, on every data set

_M4 = "Makridakis et al. 2020, The M4 Competition"
_ES_RNN = "Smyl 2020, A hybrid method of exponential smoothing and recurrent neural networks"
_FFORMA = "Montero-Manso et al. 2020, FFORMA"
_COLLECTED = "as collected when the engine was designed"
_THEIR_PAPER = f"the model's own paper, {_COLLECTED}"


@dataclass(frozen=True)
class Published:
    """What others report for a method on the same test values."""

    method: str
    value: float
    source: str


@dataclass(frozen=True)
class Goal:
    """What the engine should reach on a data set: ``value`` or less, and less than each of ``ahead_of`` in the same
    run.

    ``value`` is None where the file does not hold the test values that the published figures are about: these are
    printed all the same, and ``remark`` says so.
    """

    measure: Measure
    value: float | None
    published: tuple[Published, ...]
    ahead_of: tuple[str, ...] = ()
    remark: str = ""

    def verdict(self, found: float) -> str:
        """Met, or by how much it was missed; nothing where the goal is no number."""
        if self.value is None:
            return ""
        return "met" if found <= self.value else f"missed by {found - self.value:.4f} ({found / self.value - 1:.1%})"

    def against(self, found: float, others: dict[str, float]) -> str:
        """Ahead of or behind each method that was to be beaten; ``others``: the measure of those run, by name."""
        words = [
            f"{'ahead of' if found < others[name] else 'behind'} {name} {others[name]:.4f}"
            for name in self.ahead_of
            if name in others
        ]
        return ", ".join(words)


def _m3(goal: float, ets: float, theta: float, tirex: float) -> Goal:
    figures = (
        Published("AutoETS", ets, _COLLECTED),
        Published("AutoTheta", theta, _COLLECTED),
        Published("TiRex", tirex, _THEIR_PAPER),
    )
    return Goal("mase", goal, figures)


GOALS: dict[str, Goal] = {
    "m3_yearly": _m3(2.55, 2.695, 2.610, 2.710),
    "m3_quarterly": _m3(1.07, 1.144, 1.119, 1.154),
    "m3_monthly": _m3(0.83, 0.863, 0.855, 0.831),
    "tourism_yearly": Goal("mase", 2.55, (Published("Moirai-L", 2.879, _THEIR_PAPER),)),
    "tourism_quarterly": Goal("mase", 1.55, (Published("AutoARIMA", 1.597, _COLLECTED),)),
    "tourism_monthly": Goal("mase", 1.43, (Published("TimeCopilot", 1.429, _THEIR_PAPER),)),
    "m4_hourly": Goal(
        "owa",
        0.43,
        (
            Published("best of the contest", 0.410, f"{_M4}, {_COLLECTED}"),
            Published("ES-RNN", 0.440, _ES_RNN),
            Published("FFORMA", 0.484, _FFORMA),
        ),
    ),
    "m4_weekly": Goal(
        "owa",
        0.71,
        (Published("best listed", 0.751, f"{_M4}, {_COLLECTED}"), Published("ES-RNN", 0.851, _ES_RNN)),
    ),
    "m4_yearly": Goal("owa", 0.778, (Published("ES-RNN", 0.778, _ES_RNN), Published("FFORMA", 0.799, _FFORMA))),
    "carparts": Goal(
        "weighted_quantile_loss",
        0.88,
        (
            Published("Moirai-L", 0.975, _THEIR_PAPER),
            Published("TiRex", 0.992, _THEIR_PAPER),
            Published("AutoETS", 1.340, _COLLECTED),
        ),
        ahead_of=("NPTS alone", "seasonal naive", "AutoETS"),
    ),
    "m5": Goal(
        "weighted_quantile_loss",
        None,
        (
            Published("TiRex", 0.552, _THEIR_PAPER),
            Published("Chronos-Bolt", 0.562, _THEIR_PAPER),
            Published("AutoARIMA", 0.617, _COLLECTED),
        ),
        ahead_of=("NPTS alone", "seasonal naive", "AutoETS"),
        remark="published figures, and the goal of 0.525 set by them, are about the competition's own last 28 days, "
        "which the file does not hold",
    ),
}
