"""What became of the latest forecast when a run failed, in words for the mail."""

import json
from collections.abc import Iterator

from forecast_language import said
from forecast_pipeline.runs.run_document import EndedRun, RestoredForecast, StepFailure

RESTORING = "RestoreLatest"
WITH_A_SENTENCE = {"ResourceFailed", "Superseded"}  # errors whose message is for the user as it stands


def latest_after_failure(run: EndedRun) -> Iterator[str]:
    """The lines; "untouched" is said only where no step that touches the latest forecast has begun."""
    if run.is_published:
        yield from _after_publishing(run)
    elif run.Restored:
        yield from _restored(run.Restored)
    elif RESTORING in run.Failure:
        yield from _unknown(run.Failure[RESTORING])
    else:
        yield said("The forecast published before is untouched and stays in place.")


def cause_of(failure: StepFailure) -> str:
    """The sentence in what Step Functions says of a failed Lambda, JSON with a stack trace, or of a Glue job."""
    text = failure.Cause or failure.Error
    try:
        cause = json.loads(text)
    except json.JSONDecodeError:
        return text
    if isinstance(cause, dict) and "JobRunState" in cause:  # a run of a Glue job
        silent = said(
            "the Glue job ended as {state} without a word (run {run})", state=cause["JobRunState"], run=cause.get("Id")
        )
        return str(cause.get("ErrorMessage") or silent).removeprefix("SystemExit: ")
    if not isinstance(cause, dict) or "errorMessage" not in cause:
        return text
    message = str(cause["errorMessage"])
    return message if failure.Error in WITH_A_SENTENCE else f"{failure.Error}: {message}"


def _after_publishing(run: EndedRun) -> Iterator[str]:
    later = (run.Published or {}).get("SupersededBy")
    if later:
        yield said(
            "Run {run}, which started later, is the latest forecast; only what came after publishing failed.", run=later
        )
    else:
        yield said("The new forecast was published before that and is in place; only what came after it failed.")


def _restored(restored: RestoredForecast) -> Iterator[str]:
    if restored.Replacing:
        yield said(
            "This run has replaced nothing of the latest forecast; run {run} is replacing it.", run=restored.Replacing
        )
    elif restored.State in ("kept", "restored"):
        yield _in_place_again(restored.RunId, was_touched=restored.State == "restored")
    elif restored.State == "replaced":
        yield said("The forecast of this run is the latest one and whole; only the answer that says so was lost.")
    else:
        yield from _mixed(restored)


def _in_place_again(run_id: str | None, *, was_touched: bool) -> str:
    if run_id is None and was_touched:
        return said("No forecast was published before, and none is in place: what this run had replaced was put back.")
    if run_id is None:
        return said("No forecast was published before, and none is in place: this run has replaced nothing of it.")
    if was_touched:
        return said(
            "The forecast published before, of run {run}, is in place: what this run had replaced was put back.",
            run=run_id,
        )
    return said(
        "The forecast published before, of run {run}, is in place: this run has replaced nothing of it.", run=run_id
    )


def _mixed(restored: RestoredForecast) -> Iterator[str]:
    yield said("The latest forecast is NOT of one run: this run began to replace it, and putting back was refused:")
    yield from (f"  {name}: {reason}" for name, reason in restored.Refused.items())
    yield said("What is where now:")
    yield from (f"  {name}: {of}" for name, of in restored.Objects.items())
    if restored.RunId:
        yield said("The files of run {run} are whole under history/clean/{run}/.", run=restored.RunId)
    yield said("Give back the right that is missing; the next run that is published then replaces everything.")


def _unknown(failure: StepFailure) -> Iterator[str]:
    yield said(
        "Whether this run has replaced a part of the latest forecast is not known, since the step that looks failed:"
    )
    yield f"  {cause_of(failure)}"
    yield said(
        "What is under latest/, quicksight/ and dashboard/, and what the tables show, may be of two runs. Whole are"
    )
    yield said("the files under history/clean/<run>/ of the run that latest/accuracy.json names.")
    yield said("After a correction, the next run that is published replaces everything.")
