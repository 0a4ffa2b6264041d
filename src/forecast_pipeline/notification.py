"""How a run ended, in words: the mail's subject and text, made from the run document."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forecast_pipeline.runs.data_files import FOLDERS

SUBJECT_LENGTH = 100  # SNS takes no longer one
UNTOUCHED = "The forecast published before is untouched and stays in place."
KINDS = {
    "TARGET_TIME_SERIES": "target time series",
    "RELATED_TIME_SERIES": "related time series",
    "ITEM_METADATA": "item metadata",
}


@dataclass(frozen=True)
class Notification:
    """A mail; error and cause are None where the run succeeded, and what the machine's Fail state shows elsewhere."""

    subject: str
    text: str
    error: str | None = None
    cause: str | None = None


def notification(document: dict[str, Any]) -> Notification:
    """The mail about a run: a failed one if the document holds a Problem or a Failure, else a successful one."""
    if document.get("Problem"):
        return _failed(document, "CheckProblem", "Problem", document["Problem"])
    if document.get("Failure"):
        step, failure = next(iter(document["Failure"].items()))
        return _failed(document, step, failure["Error"], _cause(failure))
    return _succeeded(document)


def _failed(document: dict[str, Any], step: str, error: str, cause: str) -> Notification:
    run = document["Run"]
    where = "the check of its input" if error == "Problem" else f"step {step}"
    kept = UNTOUCHED
    if document.get("Published"):
        kept = "The new forecast was published before that and is in place; only what came after it failed."
    lines = [
        f"Run {run['Id']} over bucket {run['Bucket']} failed in {where}.",
        "",
        cause,
        "",
        kept,
        "After a correction, drop the file again (or start the pipeline by hand): the run is then repeated.",
    ]
    subject = f"Forecast failed: {_name(document)}, {where}"
    return Notification(_subject(subject), "\n".join(lines), error, f"{where}: {cause}")


def _cause(failure: dict[str, str]) -> str:
    """The sentence in what Step Functions says of a failed Lambda, which is JSON with a stack trace."""
    try:
        cause = json.loads(failure["Cause"])
    except (json.JSONDecodeError, KeyError):
        return failure.get("Cause") or failure["Error"]
    if not isinstance(cause, dict) or "errorMessage" not in cause:
        return failure["Cause"]
    message = str(cause["errorMessage"])
    return message if failure["Error"] == "ResourceFailed" else f"{failure['Error']}: {message}"


def _succeeded(document: dict[str, Any]) -> Notification:
    published = document["Published"]
    lines = [
        *_what_ran(document, published),
        "",
        *_accuracy(published),
        *_impact(published),
        "",
        "Files:",
        *(f"  {_spaced(name)}: {path}" for name, path in published["Files"].items()),
    ]
    if document.get("Cleanup", {}).get("InUse"):
        lines += ["", f"Not deleted, since something uses them: {', '.join(document['Cleanup']['InUse'])}."]
    return Notification(_subject(f"Forecast ready: {_name(document)}{_gain_in_subject(published)}"), "\n".join(lines))


def _what_ran(document: dict[str, Any], published: dict[str, Any]) -> Iterator[str]:
    run = document["Run"]
    yield f"Run {run['Id']} over bucket {run['Bucket']} succeeded."
    if published["SupersededBy"]:
        yield f"Run {published['SupersededBy']}, which started later, was faster and stays the latest forecast;"
        yield f"this one is kept under history/clean/{run['Id']}/ alone."
    for job in document["Imports"]:
        files = f"{job['FileCount']} file{'s' if job['FileCount'] != 1 else ''}"
        yield f"Imported {files} of {KINDS[job['DatasetType']]} from {FOLDERS[job['DatasetType']]}."
    if published["MergedRowCount"]:
        yield f"{published['MergedRowCount']} rows shared an item and a period with another row and were aggregated."
    predictor = document.get("AutoPredictor") or document["Predictor"]
    yield (
        f"Trained {predictor['PredictorName']} and forecast {published['ItemCount']} items, "
        f"{published['Horizon']} steps from {published['FirstTimestamp']} to {published['LastTimestamp']}."
    )
    if published["NewItemCount"]:
        has, is_ = ("has", "is") if published["NewItemCount"] == 1 else ("have", "are")
        yield f"{published['NewItemCount']} of the items {has} no history and {is_} forecast like those they resemble."


def _accuracy(published: dict[str, Any]) -> Iterator[str]:
    ours, naive = published["Accuracy"], published["SeasonalNaive"]
    windows = ours["WindowCount"]
    yield f"Accuracy in {windows} backtest window{'s' if windows != 1 else ''}, against seasonal naive:"
    for member, words in (
        ("AverageWeightedQuantileLoss", "average weighted quantile loss"),
        ("WAPE", "WAPE"),
        ("RMSE", "RMSE"),
        ("MASE", "MASE"),
    ):
        compared = _compared(ours, naive, member)
        yield f"  {words}: {_number(ours[member])}, seasonal naive {_number(naive[member])}{compared}"
    if ours["Coverage80"] is not None:
        yield f"  the 80 % interval held {ours['Coverage80']:.1%} of the actual values"


def _impact(published: dict[str, Any]) -> Iterator[str]:
    """How much each attribute moves the forecast, if the run asked for an explanation.

    The sign of a score is that of its sum over the days to come, among them those without a promotion: it would be read
    as what a promotion does.
    """
    impact = published["AttributeImpact"] or {}
    if impact and not any(impact.values()):
        yield from ("", f"The history alone moves the forecast, not {', '.join(impact)}.")
    elif len(impact) > 1:  # one alone is compared with itself
        yield ""
        yield "What moves the forecast besides the history, compared with what moves it most:"
        for name, score in impact.items():
            yield f"  {name}: {abs(score):.2f}"


def _compared(ours: dict[str, Any], naive: dict[str, Any], member: str) -> str:
    gain = _gain(ours[member], naive[member])
    if gain is None:
        return ""
    return f" ({abs(gain):.1%} {'better' if gain >= 0 else 'WORSE'})"


def _gain(ours: float | None, naive: float | None) -> float | None:
    """How much smaller our error is than the naive one, as a share of it; None where that means nothing."""
    return None if ours is None or not naive else 1 - ours / naive


def _gain_in_subject(published: dict[str, Any]) -> str:
    member = "AverageWeightedQuantileLoss"
    gain = _gain(published["Accuracy"][member], published["SeasonalNaive"][member])
    if gain is None:
        return ""
    return f", {abs(gain):.0%} {'better' if gain >= 0 else 'WORSE'} than seasonal naive"


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4g}"


def _name(document: dict[str, Any]) -> str:
    return document.get("Names", {}).get("Forecast") or document["Run"]["Bucket"]


def _subject(text: str) -> str:
    """SNS refuses a subject that is long, or holds anything but ASCII."""
    return text.encode("ascii", "replace").decode()[:SUBJECT_LENGTH]


def _spaced(name: str) -> str:
    """
    >>> _spaced("ItemAccuracy")
    'item accuracy'
    """
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
