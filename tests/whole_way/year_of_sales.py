"""A shop's months as they come, and what plain arithmetic says of the forecasts that were made on the way."""

import csv
import io
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import NormalDist, fmean
from typing import Any

from tests.whole_way.small_data import monthly_parameters

ITEMS = [f"item_{number}" for number in range(10)]
FIRST_MONTHS = 48  # of the first drop: 2020 to 2023
SHIFT = 53  # the month, 2024-06, from which on everything sells twice as much
WRONG = ("item_3", 50)  # written as a third too much, until it is corrected
LEVELS = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
SEASON = 12

Sales = dict[tuple[str, str], float]  # item, month -> value


def month(index: int) -> str:
    """The first day of a month, counted from January 2020."""
    return f"{2020 + index // 12}-{index % 12 + 1:02}-01"


def sales_csv(months: int, *, is_corrected: bool) -> bytes:
    """The file that is dropped once so many months are over."""
    lines = ["timestamp,item_id,target_value"]
    for number, item in enumerate(ITEMS):
        chance = random.Random(number)  # noqa: S311 - data, not secrets
        for index in range(months):
            season = 1 + 0.3 * math.sin(2 * math.pi * (index + number) / SEASON)
            value = (100 + 10 * number + index) * season * (1 + chance.uniform(-0.05, 0.05))
            value *= 2 if index >= SHIFT else 1
            value *= 4 / 3 if (item, index) == WRONG and not is_corrected else 1
            lines.append(f"{month(index)},{item},{value:.3f}")
    return ("\n".join(lines) + "\n").encode()


def parameters_of(group: str, predictor: str, horizon: int, **pipeline: Any) -> dict[str, Any]:
    """params.json for it, with a monitor."""
    parameters = monthly_parameters(group)
    attributes = [("timestamp", "timestamp"), ("item_id", "string"), ("target_value", "float")]
    schema = {"Attributes": [{"AttributeName": n, "AttributeType": t} for n, t in attributes]}
    parameters["Datasets"][0] |= {"Schema": schema}
    del parameters["AutoPredictor"]["ForecastDimensions"]
    named = {"PredictorName": predictor, "MonitorConfig": {"MonitorName": f"{predictor}_watch"}}
    parameters["AutoPredictor"] |= named | {"ForecastHorizon": horizon}
    return parameters | {"Pipeline": {"QuietSeconds": 0} | pipeline}


@dataclass(frozen=True)
class Made:
    """A forecast that a run published, as its forecast.csv has it."""

    run: str
    values: dict[tuple[str, str], dict[str, float]]  # item, month -> quantile -> value

    @classmethod
    def of(cls, run: str, forecast_csv: str) -> "Made":
        """Read the file."""
        rows = csv.DictReader(io.StringIO(forecast_csv))
        return cls(run, {(row["item_id"], row["date"][:10]): {q: float(row[q]) for q in LEVELS} for row in rows})

    @property
    def months(self) -> list[str]:
        """The months that it is about."""
        return sorted({each for _, each in self.values})


def sales_of(file: bytes) -> Sales:
    """What a dropped file says."""
    rows = csv.DictReader(io.StringIO(file.decode()))
    return {(row["item_id"], row["timestamp"]): float(row["target_value"]) for row in rows}


def naive_of(sales: Sales, item: str, wanted: str, first: str) -> dict[str, float]:
    """What seasonal naive says of a month, if it knows the months before ``first``."""
    months = sorted(each for name, each in sales if name == item)
    past = [sales[item, each] for each in months if each < first]
    changes = [value - before for before, value in zip(past, past[SEASON:], strict=False)]
    spread = math.sqrt(fmean(change**2 for change in changes))
    point = sales[item, months[months.index(wanted) - SEASON]]
    return {name: max(point + NormalDist().inv_cdf(level) * spread, 0.0) for name, level in LEVELS.items()}


def versus_actual(sales: Sales, made: Iterable[Made]) -> Iterator[dict[str, Any]]:
    """What each forecast said of the months that have come since."""
    for each in made:
        for (item, when), said in each.values.items():
            if (item, when) in sales:
                yield {
                    "run_id": each.run,
                    "item_id": item,
                    "timestamp": when,
                    "steps_ahead": each.months.index(when) + 1,
                    "actual": sales[item, when],
                    **said,
                    "seasonal_naive": naive_of(sales, item, when, each.months[0])["p50"],
                }


def loss_of(actual: float, said: dict[str, float]) -> float:
    """Twice the pinball loss, averaged over the quantiles."""
    over = {name: actual - said[name] for name in LEVELS}
    return 2 * fmean(max(level * over[name], (level - 1) * over[name]) for name, level in LEVELS.items())


def figures_of(sales: Sales, made: Made, months: Iterable[str]) -> dict[str, float]:
    """How far the forecast lay from what came in these months, over all items."""
    known = [(item, when, sales[item, when], made.values[item, when]) for when in months for item in ITEMS]
    naive = [naive_of(sales, item, when, made.months[0]) for item, when, _, _ in known]
    demand = sum(actual for _, _, actual, _ in known)
    return {
        "points": len(known),
        "bias": (demand - sum(said["p50"] for *_, said in known)) / demand,
        "coverage": fmean(said["p10"] <= actual <= said["p90"] for _, _, actual, said in known),
        "wape": sum(abs(actual - said["p50"]) for _, _, actual, said in known) / demand,
        "seasonal_naive_wape": sum(
            abs(actual - each["p50"]) for (_, _, actual, _), each in zip(known, naive, strict=True)
        )
        / demand,
        "average_wql": sum(loss_of(actual, said) for _, _, actual, said in known) / demand,
        "seasonal_naive_average_wql": sum(
            loss_of(actual, each) for (_, _, actual, _), each in zip(known, naive, strict=True)
        )
        / demand,
    }


def came_true(sales: Sales, made: Iterable[Made]) -> Iterator[dict[str, Any]]:
    """The figures of each forecast and step ahead that has come."""
    for each in made:
        for step, when in enumerate(each.months, start=1):
            if (ITEMS[0], when) in sales:
                yield {"run_id": each.run, "steps_ahead": step, **figures_of(sales, each, [when])}
