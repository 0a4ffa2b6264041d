"""Says how good a published forecast is, and where it lies."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast_pipeline.runs.account import account
from forecast_pipeline.runs.published import Published
from local_aws.command.user_words import UserWords

LABEL_WIDTH, NUMBER_WIDTH = 24, 16


@dataclass(frozen=True)
class MadeForecast:
    """What a run published, in the user's words; `notes` say what could not be written as the user does."""

    run_id: str
    is_new: bool  # else an earlier run was over the same content
    published: Published
    notes: tuple[str, ...]
    words: UserWords

    def lines(self, folder: Path) -> Iterator[str]:
        """For a person: how good it is, what it is made of, and where its files lie."""
        yield ""
        yield from table(self.published)
        yield ""
        yield from map(self.words.told, summary(self.published))
        yield from self.notes
        yield ""
        yield from files(folder)

    def document(self, folder: Path, guessed: dict[str, Any] | None) -> dict[str, Any]:
        """For a program: the members of accuracy.json, beside what was guessed of the files."""
        published = self.published.model_dump(mode="json", exclude={"Files"})
        paths = {path.name: str(path) for path in sorted(folder.iterdir())}
        return {
            "Run": self.run_id,
            "IsNew": self.is_new,
            "Files": paths,
            "Forecast": self.words.told_throughout(published),
            "Notes": [*self.notes],
            "Guessed": guessed,
        }


def table(published: Published) -> Iterator[str]:
    """Lines that set the forecast's accuracy beside that of seasonal naive, over the same backtest windows."""
    forecast, baseline = published.Accuracy, published.SeasonalNaive
    yield f"{'':<{LABEL_WIDTH}}{'Almanac':>{NUMBER_WIDTH}}{'seasonal naive':>{NUMBER_WIDTH}}"
    yield _row("average wQL", forecast.AverageWeightedQuantileLoss, baseline.AverageWeightedQuantileLoss)
    yield _row("WAPE", forecast.WAPE, baseline.WAPE)
    yield _row("RMSE", forecast.RMSE, baseline.RMSE)
    yield _row("MASE", forecast.MASE, baseline.MASE)
    yield _row("inside p10 to p90", forecast.Coverage80, baseline.Coverage80, ".1%")


def summary(published: Published) -> Iterator[str]:
    """Sentences under the table."""
    windows, new = published.Accuracy.WindowCount, published.NewItemCount
    yield (
        f"{published.ItemCount} series, {_steps(published)}; accuracy over {windows} backtest"
        f" window{'s' if windows != 1 else ''}"
    )
    yield from _comparison(published)
    if new:
        yield f"{new} of the series {'has' if new == 1 else 'have'} no history: forecast like those they resemble"
    shares = [(model, share) for model, share in published.ModelShares.items() if share >= 0.005]
    if shares:
        yield f"made of {', '.join(f'{model} {share:.0%}' for model, share in shares)}  (mean over the series)"
    yield from _impact(published.AttributeImpact or {})
    yield from account(published)


def _steps(published: Published) -> str:
    first, last = _date(published.FirstTimestamp), _date(published.LastTimestamp)
    return f"1 step at {first}" if published.Horizon == 1 else f"{published.Horizon} steps from {first} to {last}"


def _comparison(published: Published) -> Iterator[str]:
    """Which of both is better; a warning wherever it is not the forecast."""
    if published.deciding_measure is None:
        return
    name, forecast, naive = published.deciding_measure
    if forecast < naive:
        yield f"{name} is {1 - forecast / naive:.0%} below that of seasonal naive"
        return
    excess = f"{forecast / naive - 1:.0%} " if naive else ""
    distance = "the same" if forecast == naive else f"{excess}above its"
    yield f"warning: the forecast is not better than seasonal naive: {name} is {distance}"


def _impact(impact: dict[str, float]) -> Iterator[str]:
    """What moves the forecast besides the history. One attribute alone would be compared with itself."""
    if impact and not any(impact.values()):
        yield f"moved by the history alone, not by {', '.join(impact)}"
    elif len(impact) > 1:
        sizes = ", ".join(f"{name} {abs(score):.2f}" for name, score in impact.items())
        yield f"moved by {sizes}  (besides the history; 1 is what moves it most)"


def files(folder: Path) -> Iterator[str]:
    """Where what was published lies now."""
    yield f"{folder / 'report.html'}         a fan chart of every series; open it in a browser"
    yield f"{folder / 'forecast.csv'}        one row per series and step (forecast_long.csv: one per quantile, too)"
    yield f"{folder / 'item_accuracy.csv'}   accuracy per series (accuracy.json: of all)"
    yield f"{folder / 'item_models.csv'}     what made the forecast of each series, and what is special about it"


def _row(label: str, forecast: float | None, baseline: float | None, number_format: str = ".4g") -> str:
    numbers = ("-" if value is None else format(value, number_format) for value in (forecast, baseline))
    return f"{label:<{LABEL_WIDTH}}" + "".join(f"{number:>{NUMBER_WIDTH}}" for number in numbers)


def _date(timestamp: str) -> str:
    return timestamp.removesuffix("T00:00:00").replace("T", " ")
