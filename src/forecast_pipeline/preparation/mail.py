"""The mail about a preparation of raw_data/ that failed, or that gave way to a later one."""

from forecast_language import said
from forecast_pipeline.latest_after_failure import cause_of
from forecast_pipeline.mail_subject import subject_of_preparation, subject_of_superseded_preparation
from forecast_pipeline.notification import Notification, place_of
from forecast_pipeline.preparation.preparation_document import EndedPreparation

REPLACING = "ReplaceTrainData"
WITHOUT_A_WORD = ("Lambda.", "Sandbox.", "States.", "ServiceUnreachable")  # the function was gone before it could undo


def preparation_mail(ended: EndedPreparation) -> Notification:
    """The mail; its error and cause are those of the machine's Fail state."""
    run, bucket = ended.Run.Id, ended.Run.Bucket
    if ended.Replaced and ended.Replaced.Superseded:
        gave_way = said("Preparation {run} over bucket {bucket} gave way.", run=run, bucket=bucket)
        lines = [gave_way, "", ended.Replaced.Superseded, "", _untouched()]
        return Notification(subject_of_superseded_preparation(bucket), "\n".join(lines))
    if ended.Problem:
        step, error, cause = None, "Problem", ended.Problem
    else:
        step, failure = next(iter(ended.Failure.items()))
        error, cause = failure.Error, cause_of(failure)
    where = place_of(step)
    failed = said(
        "Preparation {run} of raw_data/ in bucket {bucket} failed in {where}.", run=run, bucket=bucket, where=where
    )
    lines = [failed, "", cause, "", *_kept(step, error)]
    return Notification(subject_of_preparation(bucket, step), "\n".join(lines), error, f"{where}: {cause}")


def _kept(step: str | None, error: str) -> list[str]:
    """What is in train/ now, and what to do."""
    if error == "ReplacementUnfinishedError":
        return [
            said(
                "The files of train/ were being replaced, and no run starts over them as they are. Drop the raw file"
                " again: the next preparation puts them right."
            )
        ]
    if step == REPLACING and error.startswith(WITHOUT_A_WORD):
        return [
            said(
                "Whether files of train/ were replaced is not known. If train/_replacing is there, they were being"
                " replaced, and no run starts over them as they are. Drop the raw file again: the next preparation puts"
                " them right. The forecast published before stays in place."
            )
        ]
    return [
        _untouched(),
        said("After a correction, drop the raw file again: the preparation is then repeated."),
    ]


def _untouched() -> str:
    return said("train/ is as it was, and the forecast published before stays in place.")
