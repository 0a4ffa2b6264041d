"""The mark in train/ that its files are being replaced: no run starts over a mixture of old files and new ones."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from forecast_language import said

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MARK = "train/_replacing"  # hidden: no data by its name
DELETING = "deletes"  # behind the run: from here on there is no way back
LIFETIME = timedelta(minutes=20)  # replace_train_data runs for 15 at most


@dataclass(frozen=True)
class ReplacementMark:
    """Which preparation set the mark, when, and whether it deletes the old files already."""

    run: str
    since: datetime
    has_begun_deleting: bool

    @property
    def is_under_way(self) -> bool:
        """Whether the preparation may still be at work; if not, it broke off."""
        return datetime.now(UTC) - self.since < LIFETIME

    @property
    def sentence(self) -> str:
        """What is wrong where the preparation broke off."""
        return said(
            "{mark}: preparation {run} broke off between old files and new ones, so that train/ holds a mixture; wanted"
            " the raw files dropped again, or files of your own in train/ and this mark deleted.",
            mark=MARK,
            run=self.run,
        )


def read_mark(s3: "S3Client", bucket: str) -> ReplacementMark | None:
    """The mark of a bucket; None where nothing is being replaced."""
    try:
        mark = s3.get_object(Bucket=bucket, Key=MARK)
    except s3.exceptions.NoSuchKey:
        return None
    run, _, stage = mark["Body"].read().decode().partition(" ")
    return ReplacementMark(run, mark["LastModified"], stage == DELETING)
