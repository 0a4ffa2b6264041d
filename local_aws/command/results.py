"""Says how good a published forecast is, and where it lies."""

from collections.abc import Iterator
from pathlib import Path

from local_aws.embedded.template import Document

MEASURES = {"WAPE": "WAPE", "RMSE": "RMSE", "MASE": "MASE"}
LABEL_WIDTH, NUMBER_WIDTH = 24, 16


def table(published: Document) -> Iterator[str]:
    """Lines that set the forecast's accuracy beside that of seasonal naive, over the same backtest windows."""
    ours, naive = published["Accuracy"], published["SeasonalNaive"]
    yield f"{'':<{LABEL_WIDTH}}{'Almanac':>{NUMBER_WIDTH}}{'seasonal naive':>{NUMBER_WIDTH}}"
    yield _row("average wQL", ours.get("AverageWeightedQuantileLoss"), naive.get("AverageWeightedQuantileLoss"))
    losses, naive_losses = (side.get("WeightedQuantileLosses") or {} for side in (ours, naive))
    for quantile in losses:
        yield _row(f"  wQL of quantile {quantile}", losses[quantile], naive_losses.get(quantile))
    for member, label in MEASURES.items():
        yield _row(label, ours.get(member), naive.get(member))
    yield _row("inside p10 to p90", ours.get("Coverage80"), naive.get("Coverage80"), ".1%")


def summary(published: Document) -> Iterator[str]:
    """Sentences under the table."""
    windows = published["Accuracy"].get("WindowCount")
    yield (
        f"{published['ItemCount']} series, {_steps(published)}; accuracy over {windows} backtest"
        f" window{'s' if windows != 1 else ''}"
    )
    yield from _comparison(published)
    new = published.get("NewItemCount")
    if new:
        yield f"{new} of the series {'has' if new == 1 else 'have'} no history: forecast like those they resemble"
    shares = [(model, share) for model, share in (published.get("ModelShares") or {}).items() if share >= 0.005]
    if shares:
        yield f"made of {', '.join(f'{model} {share:.0%}' for model, share in shares)}  (mean over the series)"
    impact = published.get("AttributeImpact") or {}
    if impact and not any(impact.values()):
        yield f"moved by the history alone, not by {', '.join(impact)}"
    elif len(impact) > 1:  # one alone is compared with itself
        sizes = ", ".join(f"{name} {abs(score):.2f}" for name, score in impact.items())
        yield f"moved by {sizes}  (besides the history; 1 is what moves it most)"
    merged = published.get("MergedRowCount")
    if merged:
        yield f"{merged} rows fell into the same period as another row of their series and were merged with it"


def _steps(published: Document) -> str:
    first, last = _date(published["FirstTimestamp"]), _date(published["LastTimestamp"])
    return f"1 step at {first}" if published["Horizon"] == 1 else f"{published['Horizon']} steps from {first} to {last}"


def _comparison(published: Document) -> Iterator[str]:
    ours, naive = (published[side].get("AverageWeightedQuantileLoss") for side in ("Accuracy", "SeasonalNaive"))
    if ours is not None and naive:
        change = ours / naive - 1
        yield f"average wQL is {abs(change):.0%} {'below' if change < 0 else 'above'} that of seasonal naive"


def files(folder: Path) -> Iterator[str]:
    """Where what was published lies now."""
    yield f"{folder / 'report.html'}         a fan chart of every series; open it in a browser"
    yield f"{folder / 'forecast.csv'}        one row per series and step (forecast_long.csv: one per quantile, too)"
    yield f"{folder / 'item_accuracy.csv'}   accuracy per series (accuracy.json: of all)"
    yield f"{folder / 'item_models.csv'}     what made the forecast of each series, and what is special about it"


def _row(label: str, ours: float | None, naive: float | None, form: str = ".4g") -> str:
    return f"{label:<{LABEL_WIDTH}}{_number(ours, form):>{NUMBER_WIDTH}}{_number(naive, form):>{NUMBER_WIDTH}}"


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def _date(timestamp: str) -> str:
    return timestamp.removesuffix("T00:00:00").replace("T", " ")
