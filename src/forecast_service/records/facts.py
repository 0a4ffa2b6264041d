"""What a job reads, and what it found: the forms of a record's ``inputs`` and ``facts``, by kind of resource.

The API's rules write ``inputs`` and read ``facts``; jobs read ``inputs`` and write ``facts``. Timestamps are ISO 8601
texts without a zone: that of the data.
"""

from typing import TypedDict


class DataInputs(TypedDict, total=False):
    """The imports whose data are read, by type of dataset: their ARNs."""

    TARGET_TIME_SERIES: str
    RELATED_TIME_SERIES: str
    ITEM_METADATA: str


class JobInputs(DataInputs, total=False):
    """What the job of a resource reads. Which keys there are follows from the kind."""

    dataset_group: str  # of a predictor and a forecast: its ARN
    is_auto_predictor: bool  # of a forecast: whether an auto predictor makes it
    mode: str  # of a dataset import job: FULL, or INCREMENTAL, which has the next one too
    previous: str  # the ARN of the import that it adds to
    explained: str  # of an explainability export: the ARN of the predictor or forecast that is explained
    # Of a monitor evaluation: ARNs, and when the forecast was created, whose name may be used again after a deletion.
    forecast: str
    forecast_creation_time: float
    values: str  # the resource that holds the forecast's values: the forecast, or an evaluation that retains them
    dataset_import_job: str
    predictor: str


class TimeSpan(TypedDict):
    """The first and the last timestamp of a time series import; the first and the last step of a forecast."""

    first_timestamp: str
    last_timestamp: str


class ImportCounts(TypedDict):
    """What an import counted."""

    row_count: int
    item_count: int
    shard_count: int
    merged_row_count: int  # rows that share series and period with an earlier one
    left_out_row_count: int  # rows without what they need


class TimeSeriesImportFacts(ImportCounts, TimeSpan):
    """Of a dataset import job of a target or related time series."""

    length: int  # in periods of the data's frequency


class ImportFacts(ImportCounts):
    """Of any dataset import job: item metadata have neither timestamps nor length."""

    first_timestamp: str | None
    last_timestamp: str | None
    length: int | None


class PredictorFacts(TypedDict):
    """Of a predictor."""

    window_count: int  # of its backtest
    shard_count: int


class ForecastFacts(TimeSpan):
    """Of a forecast."""

    series_count: int


class WhatIfForecastFacts(ForecastFacts):
    """Of a what-if forecast."""

    changed_value_count: int  # of related time series, by its scenario


class SeriesFacts(TypedDict):
    """Of a what-if analysis, and of a predictor's explainability."""

    series_count: int


class ExplainabilityFacts(SeriesFacts):
    """Of a forecast's explainability."""

    point_count: int  # of time


class NoFacts(TypedDict):
    """Of a resource without such numbers, or whose job has not ended."""


Facts = (
    NoFacts
    | ImportFacts
    | TimeSeriesImportFacts
    | PredictorFacts
    | ForecastFacts
    | WhatIfForecastFacts
    | SeriesFacts
    | ExplainabilityFacts
)
