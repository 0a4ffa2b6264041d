"""Goals of the engine, and the published figures they were set by, for the tables and the verdict.

The figures are printed as they were collected when the engine was designed; nothing here was measured again. ``before``
is what the engine had when a goal was set: a figure of ``docs/benchmarks.md`` of that time, or of the same command.
"""

from dataclasses import dataclass

MEASURES = {"mase": "MASE", "owa": "OWA", "weighted_quantile_loss": "WQL"}  # of the tables
OTHER_MEASURES = {
    "three_quantile_loss": "WQL of .1, .5, .9",
    "bias": "mean bias",
    "wape": "WAPE",
    "mean_ratio": "wQL / naive's, mean",
    "largest_ratio": "wQL / naive's, largest",
    "cpu_seconds": "CPU s",
    "wall_seconds": "s",
}
COVERAGE_GOAL = (0.75, 0.85)  # share of the test values in the 80 % interval, on every data set
OTHER_SUBJECTS = {  # of goals that are no data sets of ``data_sets.py``
    "closed_periods": "Sets of closed periods",
    "bikes": "Bikes by the hour, gaps unknown",
    "bikes_imported": "Bikes by the hour, gaps 0 as imported",
    "electricity": "Electricity by the hour",
    "relative": "Twelve sets, relative to naive",
    "large_panel": "30,000 series x 730 days",
    "monthly_panel": "1,000 monthly series",
    "worker": "Import of the worker",
}

_M4 = "Makridakis et al. 2020, The M4 Competition"
_ES_RNN = "Smyl 2020, A hybrid method of exponential smoothing and recurrent neural networks"
_FFORMA = "Montero-Manso et al. 2020, FFORMA"
_COLLECTED = "as collected when the engine was designed"
_THEIR_PAPER = f"the model's own paper, {_COLLECTED}"
_ZERO_SHOT = "published_zero_shot.csv"
OWN_RUN = "run by this benchmark"


@dataclass(frozen=True)
class Published:
    """What others report for a method on the same test values."""

    method: str
    value: float
    source: str


@dataclass(frozen=True)
class Goal:
    """What the engine should reach on a data set: ``value`` or less, and no more than each of ``ahead_of`` in the same
    run.

    ``measure`` is a figure's name, see ``figures.py``; its size counts where it may be negative. ``value`` is None
    where the file does not hold the test values that the published figures are about, or where methods of the same run
    are the goal; ``remark`` says so. ``before``: what the engine had.
    """

    measure: str
    value: float | None
    published: tuple[Published, ...] = ()
    ahead_of: tuple[str, ...] = ()
    remark: str = ""
    before: float | None = None

    def verdict(self, found: float, others: dict[str, float] | None = None) -> str:
        """Met, or by how much it was missed; nothing where the goal is neither a number nor one of the ``others``."""
        beaten = [value for name, value in (others or {}).items() if name in self.ahead_of]
        bound = min(beaten, default=None) if self.value is None else self.value
        if bound is None:
            return ""
        size = abs(found)
        return "met" if size <= bound else f"missed by {size - bound:.3g} ({size / bound - 1:.1%})"

    def against(self, found: float, others: dict[str, float]) -> str:
        """Behind or else ahead of the methods that were to be beaten; ``others``: the measure of those run, by name."""
        bounds = {name: others[name] for name in self.ahead_of if name in others}
        behind = [f"{name} {bound:.4f}" for name, bound in bounds.items() if found > bound]
        if behind:
            return f"behind {', '.join(behind)}"
        return f"ahead of {', '.join(bounds)}" if bounds else ""


def _m3(goal: float, before: float, ets: float, theta: float, tirex: float, *more: Published) -> tuple[Goal]:
    figures = (
        Published("AutoETS", ets, _COLLECTED),
        Published("AutoTheta", theta, _COLLECTED),
        Published("TiRex", tirex, _THEIR_PAPER),
    )
    return (Goal("mase", goal, (*more, *figures), before=before),)


def _both(
    mase: tuple[float, float, float], loss: tuple[float, float, float], anchor: str, source: str
) -> tuple[Goal, ...]:
    """MASE and WQL, each as goal, figure before, and the anchor's."""
    return tuple(
        Goal(measure, goal, (Published(anchor, value, source),), before=before)
        for measure, (goal, before, value) in (("mase", mase), ("weighted_quantile_loss", loss))
    )


def _of_the_run(before: float) -> tuple[Goal]:
    """WAPE no larger than that of two methods of the same windows."""
    return (Goal("wape", None, ahead_of=("seasonal naive", "AutoETS"), before=before),)


GOALS: dict[str, tuple[Goal, ...]] = {
    "closed_periods": (Goal("largest_ratio", 1.0, before=4.17), Goal("mean_ratio", 0.8, before=1.63)),
    "bikes": _of_the_run(0.1284),
    "bikes_imported": _of_the_run(0.1523),
    "electricity": _of_the_run(0.1261),
    "nn5_daily": _both((0.548, 0.584, 0.548), (0.143, 0.1515, 0.1429), "TiRex", _ZERO_SHOT),
    "ett_hourly": _both((0.72, 0.727, 0.748), (0.066, 0.0676, 0.0706), "Chronos-Bolt base", _ZERO_SHOT),
    "electricity_daily": (Goal("mase", 0.87 * 1.0489, before=1.0489),),
    "pedestrians_daily": (Goal("mase", 0.93 * 1.6414, before=1.6414),),
    "births_daily": (Goal("mase", 0.92 * 1.1403, before=1.1403),),
    "relative": _both((0.705, 0.724, 0.773), (0.575, 0.590, 0.621), "TiRex", _ZERO_SHOT),
    "made_up_daily": (
        Goal("mase", 0.76, (Published("AutoETS", 0.758, OWN_RUN),), before=0.776),
        Goal("three_quantile_loss", 0.058, (Published("AutoETS", 0.0579, OWN_RUN),), before=0.0602),
    ),
    "m3_yearly": _m3(2.57, 2.603, 2.695, 2.610, 2.710, Published("DynamicOptimizedTheta", 2.576, OWN_RUN)),
    "m3_quarterly": _m3(1.07, 1.060, 1.144, 1.119, 1.154),
    "m3_monthly": _m3(0.83, 0.835, 0.863, 0.855, 0.831),
    "tourism_yearly": (Goal("mase", 2.58, (Published("AutoTheta", 2.590, OWN_RUN),), before=2.615),),
    "tourism_quarterly": (Goal("mase", 1.55, (Published("AutoARIMA", 1.597, _COLLECTED),), before=1.424),),
    "tourism_monthly": (Goal("mase", 1.43, (Published("TimeCopilot", 1.429, _THEIR_PAPER),), before=1.355),),
    "m4_hourly": (
        Goal("weighted_quantile_loss", 0.024, (Published("Chronos-2", 0.0232, _THEIR_PAPER),), before=0.0332),
        Goal(
            "owa",
            0.39,
            (
                Published("best of the contest", 0.410, f"{_M4}, {_COLLECTED}"),
                Published("ES-RNN", 0.440, _ES_RNN),
                Published("FFORMA", 0.484, _FFORMA),
            ),
            before=0.390,
        ),
    ),
    "m4_weekly": (
        Goal(
            "owa",
            0.71,
            (Published("best listed", 0.751, f"{_M4}, {_COLLECTED}"), Published("ES-RNN", 0.851, _ES_RNN)),
            before=0.671,
        ),
    ),
    "m4_yearly": (
        Goal("owa", 0.778, (Published("ES-RNN", 0.778, _ES_RNN), Published("FFORMA", 0.799, _FFORMA)), before=0.770),
    ),
    "carparts": (
        Goal(
            "weighted_quantile_loss",
            0.88,
            (
                Published("Moirai-L", 0.975, _THEIR_PAPER),
                Published("TiRex", 0.992, _THEIR_PAPER),
                Published("AutoETS", 1.340, _COLLECTED),
            ),
            ahead_of=("NPTS alone", "seasonal naive", "AutoETS"),
            before=0.8731,
        ),
    ),
    "m5": (
        Goal(
            "weighted_quantile_loss",
            0.530,
            (
                Published("TiRex", 0.552, _THEIR_PAPER),
                Published("Chronos-Bolt", 0.562, _THEIR_PAPER),
                Published("AutoARIMA", 0.617, _COLLECTED),
            ),
            ahead_of=("NPTS alone", "seasonal naive", "AutoETS"),
            remark="published figures are about the competition's own last 28 days, which the file does not hold",
            before=0.5318,
        ),
        Goal("mase", 1.03, (Published("NPTS alone", 1.042, OWN_RUN),), before=1.055),
        Goal("bias", 0.02, before=-0.0035),
    ),
    "large_panel": (Goal("cpu_seconds", 40.0, before=72.0),),
    "monthly_panel": (Goal("cpu_seconds", 1.5, before=2.4),),
    "worker": (Goal("wall_seconds", 0.35, (Published("statsforecast", 1.1, OWN_RUN),), before=0.39),),
}
