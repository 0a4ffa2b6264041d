"""The document of a preparation: what plan_preparation says of it, and what each state of prepare_data adds."""

from typing import Any

from pydantic import Field

from forecast_pipeline.runs.run_document import RunIdentity, StepFailure
from forecast_pipeline.runs.run_requests import Part


class RawSources(Part):
    """Which raw files are prepared: how many, what changes with them, and whether they replace what is there."""

    FileCount: int = 0
    Digest: str = ""
    Mode: str = "replace"


class PreparationDocument(Part):
    """What replace_train_data reads. ``Plan`` is the job's argument, ``Crawl`` whether the columns are new."""

    Run: RunIdentity
    Raw: RawSources
    Plan: dict[str, Any]
    Crawl: bool = False


class ReplacedFiles(Part):
    """What replace_train_data did; ``Superseded`` says why it did nothing."""

    Superseded: str | None = None
    FileCount: int = 0


class EndedPreparation(Part):
    """The little that every document has at its end: what the mail reads."""

    Run: RunIdentity
    Raw: RawSources
    Problem: str | None = None
    Failure: dict[str, StepFailure] = Field(default_factory=dict)
    Replaced: ReplacedFiles | None = None
