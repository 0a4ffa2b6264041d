"""The mail about a preparation of raw_data/ that failed, or that gave way to a later one."""

from forecast_pipeline.latest_after_failure import cause_of
from forecast_pipeline.notification import Notification, subject_of
from forecast_pipeline.preparation.preparation_document import EndedPreparation

UNTOUCHED = "train/ is as it was, and the forecast published before stays in place."
AGAIN = "After a correction, drop the raw file again: the preparation is then repeated."
UNFINISHED = (
    "The files of train/ were being replaced, and no run starts over them as they are. Drop the raw file again: the"
    " next preparation puts them right."
)
UNKNOWN = (
    "Whether files of train/ were replaced is not known. If train/_replacing is there, they were being replaced, and no"
    " run starts over them as they are. Drop the raw file again: the next preparation puts them right. The forecast"
    " published before stays in place."
)
REPLACING = "ReplaceTrainData"
WITHOUT_A_WORD = ("Lambda.", "Sandbox.", "States.", "ServiceUnreachable")  # the function was gone before it could undo


def preparation_mail(ended: EndedPreparation) -> Notification:
    """The mail; its error and cause are those of the machine's Fail state."""
    run, bucket = ended.Run.Id, ended.Run.Bucket
    if ended.Replaced and ended.Replaced.Superseded:
        lines = [f"Preparation {run} over bucket {bucket} gave way.", "", ended.Replaced.Superseded, "", UNTOUCHED]
        return Notification(subject_of(f"Raw data superseded: {bucket}"), "\n".join(lines))
    if ended.Problem:
        where, error, cause = "the check of its input", "Problem", ended.Problem
    else:
        step, failure = next(iter(ended.Failure.items()))
        where, error, cause = f"step {step}", failure.Error, cause_of(failure)
    kept = [UNTOUCHED, AGAIN]
    if error == "ReplacementUnfinishedError":
        kept = [UNFINISHED]
    elif where == f"step {REPLACING}" and error.startswith(WITHOUT_A_WORD):
        kept = [UNKNOWN]
    lines = [f"Preparation {run} of raw_data/ in bucket {bucket} failed in {where}.", "", cause, "", *kept]
    return Notification(
        subject_of(f"Raw data not prepared: {bucket}", f", {where}"), "\n".join(lines), error, f"{where}: {cause}"
    )
