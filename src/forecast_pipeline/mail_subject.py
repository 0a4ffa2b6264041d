"""The subjects of the mails: ASCII, and so English in every language (decision 0643)."""

from forecast_pipeline.runs.account import NAMED_SHARE
from forecast_pipeline.runs.published import Published

SUBJECT_LENGTH = 100  # SNS takes no longer one
CHECK = "the check of its input"


def subject_of(beginning: str, end: str = "") -> str:
    """SNS refuses a subject that is long, and may not take other letters; a long name gives way to what is said of it.

    >>> subject_of("Forecast ready: " + "a" * 100, ", 3% better than seasonal naive")[-60:]
    'aaaaaaaaaaaaaaaaaaaaaaaaaa..., 3% better than seasonal naive'
    """
    room = SUBJECT_LENGTH - len(end)
    text = beginning if len(beginning) <= room else f"{beginning[: room - 3]}..."
    return (text + end).encode("ascii", "replace").decode()[:SUBJECT_LENGTH]


def subject_of_failure(name: str, step: str | None) -> str:
    """Of a run that failed in a step, or in the check of its input."""
    return subject_of(f"Forecast failed: {name}", f", step {step}" if step else f", {CHECK}")


def subject_of_superseded(name: str) -> str:
    """Of a run whose files changed under it."""
    return subject_of(f"Forecast superseded: {name}", ", its files changed")


def subject_of_approval(name: str, published: Published) -> str:
    """Of a forecast that waits for a person."""
    return subject_of(f"Forecast waits for approval: {name}", _beside_naive(published))


def subject_of_success(name: str, published: Published) -> str:
    """Of a forecast that was published, is held back, or is one as of an old date."""
    beginning = "Forecast held back" if published.HeldBack else "Forecast ready"
    if published.AsOf:
        beginning = f"Forecast as of {published.AsOf}"
    return subject_of(f"{beginning}: {name}", _left_out(published) + _beside_naive(published))


def subject_of_preparation(bucket: str, step: str | None) -> str:
    """Of a preparation of raw data that failed in a step, or in the check of its input."""
    return subject_of(f"Raw data not prepared: {bucket}", f", step {step}" if step else f", {CHECK}")


def subject_of_superseded_preparation(bucket: str) -> str:
    """Of a preparation that gave way to a later one."""
    return subject_of(f"Raw data superseded: {bucket}")


def gain(error: float | None, naive_error: float | None) -> float | None:
    """1 - error / naive error: the share of seasonal naive's error that is saved; None where that means nothing."""
    return None if error is None or not naive_error else 1 - error / naive_error


def _beside_naive(published: Published) -> str:
    if published.deciding_measure is None:
        return ""
    _, error, naive_error = published.deciding_measure
    saved = gain(error, naive_error)
    if saved is None:
        return ", NOT better than seasonal naive" if error >= naive_error else ""
    if saved == 0:
        return ", the same as seasonal naive"
    return f", {abs(saved):.0%} {'better' if saved > 0 else 'WORSE'} than seasonal naive"


def _left_out(published: Published) -> str:
    """The largest share of rows that were left out of a dataset; nothing below NAMED_SHARE."""
    share = max((rows.left_out_share for rows in published.Rows.values()), default=0.0)
    return f", {share:.0%} of rows left out" if share >= NAMED_SHARE else ""
