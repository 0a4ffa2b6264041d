"""The engine among 21 published models: geometric means over twelve data sets, relative to seasonal naive.

The figures of ``published_zero_shot.csv`` are MASE and WQL of the Chronos zero-shot benchmark, from the repository
autogluon/fev, ``benchmarks/chronos_zeroshot/results`` at commit 1bc95fd. MASE is that of the median, WQL is over the
quantiles .1 to .9. Seasonal naive has no quantiles there, so that its WQL is its WAPE; of NN5 it repeats the last day,
and the scale of MASE is of that naive error. The loaders of this folder are right if our own naive has these figures.
"""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from data_sets import Competition
from m4_measures import mase_of

from forecast_engine import seasonal_naive
from forecast_engine.evaluation import metrics

FILE = Path(__file__).parent / "published_zero_shot.csv"
SOURCE = "published: autogluon/fev, benchmarks/chronos_zeroshot/results, commit 1bc95fd"
NAIVE = "seasonal_naive"  # as the file names it


@dataclass(frozen=True)
class Accuracy:
    """MASE of the median, and WQL, on one data set or relative to seasonal naive over several."""

    mase: float
    weighted_quantile_loss: float


def published(path: Path = FILE) -> dict[str, dict[str, Accuracy]]:
    """Figures by model and data set. Raises ValueError where a model lacks a data set."""
    found: dict[str, dict[str, Accuracy]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["model"], {})[row["data"]] = Accuracy(float(row["MASE"]), float(row["WQL"]))
    wanted = set(found[NAIVE])
    short = [model for model, figures in found.items() if set(figures) != wanted]
    if short:
        raise ValueError(f"not on all {len(wanted)} data sets: {', '.join(short)}")
    return found


def geometric_mean(values: Iterable[float]) -> float:
    """exp(mean(log x))."""
    logarithms = [math.log(value) for value in values]
    return math.exp(math.fsum(logarithms) / len(logarithms))


def relative(found: dict[str, Accuracy], naive: dict[str, Accuracy], names: Iterable[str]) -> Accuracy:
    """Geometric means over the data sets ``names`` of what is found in units of seasonal naive's."""
    names = list(names)
    return Accuracy(
        geometric_mean(found[name].mase / naive[name].mase for name in names),
        geometric_mean(found[name].weighted_quantile_loss / naive[name].weighted_quantile_loss for name in names),
    )


def ranking(method: str, ours: dict[str, Accuracy]) -> dict[str, Accuracy]:
    """All models and ``method``, relative to seasonal naive over those data sets that both have; the best WQL first."""
    models = published()
    names = [name for name in models[NAIVE] if name in ours]
    found = {model: relative(figures, models[NAIVE], names) for model, figures in (models | {method: ours}).items()}
    return dict(sorted(found.items(), key=lambda pair: pair[1].weighted_quantile_loss))


def rank(method: str, values: dict[str, float]) -> int:
    """1 + the number of those with less."""
    return 1 + sum(value < values[method] for value in values.values())


def naive_accuracy(competition: Competition) -> Accuracy:
    """Our own naive, by the season that the published one repeats."""
    season = competition.data_set.scale_season or competition.data_set.season
    _, points = seasonal_naive(competition.history, season, competition.data_set.horizon, (0.5,))
    return Accuracy(mase_of(competition, points), metrics.wape(competition.actual, points))


def naive_deviation(naive: dict[str, Accuracy]) -> tuple[float, str]:
    """The largest share by which our naive's figures differ from the published ones, and on which data set."""
    wanted = published()[NAIVE]
    differences = {
        name: max(
            abs(found.mase / wanted[name].mase - 1),
            abs(found.weighted_quantile_loss / wanted[name].weighted_quantile_loss - 1),
        )
        for name, found in naive.items()
    }
    worst = max(differences, key=lambda name: differences[name])
    return differences[worst], worst


def table(method: str, ours: dict[str, Accuracy], naive: dict[str, Accuracy]) -> str:
    """Markdown: all models by WQL with their ranks; below it, how well our own naive agrees with the published one."""
    found = ranking(method, ours)
    mase = {model: accuracy.mase for model, accuracy in found.items()}
    lines = ["|  | Model | WQL | MASE | by MASE |", "|---|---|---|---|---|"]
    for place, (model, accuracy) in enumerate(found.items(), 1):
        mark = "**" if model == method else ""
        lines.append(
            f"| {place} | {mark}{model}{mark} | {mark}{accuracy.weighted_quantile_loss:.3f}{mark} |"
            f" {mark}{accuracy.mase:.3f}{mark} | {rank(model, mase)} |"
        )
    deviation, worst = naive_deviation(naive)
    return "\n".join(
        [
            f"Relative to seasonal naive, geometric means over {len(ours)} data sets; {SOURCE}",
            "",
            *lines,
            "",
            f"our own naive differs from the published one by {deviation:.2%} at most ({worst})",
        ]
    )
