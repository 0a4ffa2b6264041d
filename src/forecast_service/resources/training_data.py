"""What a predictor is trained on, or a forecast made from: the newest data of each dataset in a group."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from forecast_contract.domains import DOMAINS, ITEM_METADATA, RELATED_TIME_SERIES, TARGET_TIME_SERIES
from forecast_service.panel.algorithms import EVERYTHING, DataUse
from forecast_service.records.errors import InvalidInputException
from forecast_service.records.facts import JobInputs, TimeSeriesImportFacts
from forecast_service.records.record import Record
from forecast_service.resources.dataset_group import datasets_of
from forecast_service.resources.dataset_import_job import latest_import
from forecast_service.resources.request_rules import frequency
from forecast_service.resources.request_rules.dataset_schema import dimensions_of, is_number, schema_types
from forecast_service.resources.resource_kind import RequestContext, require_active


@dataclass(frozen=True)
class TrainingData:
    """A dataset group as a job will read it: by type, the datasets and the imports that hold their data."""

    group: Record
    datasets: dict[str, Record]
    imports: dict[str, Record] = field(default_factory=dict)

    @property
    def target(self) -> Record:
        return self.datasets[TARGET_TIME_SERIES]

    @property
    def related(self) -> Record | None:
        return self.datasets.get(RELATED_TIME_SERIES)

    def inputs(self, use: DataUse = EVERYTHING) -> JobInputs:
        """What the record of the job keeps of it: the ARNs of the group and of the imports that are to be read."""
        is_read = {TARGET_TIME_SERIES: True, RELATED_TIME_SERIES: use.related, ITEM_METADATA: use.metadata}
        imports = {dataset_type: job.arn for dataset_type, job in self.imports.items() if is_read[dataset_type]}
        return {**data_inputs(imports), "dataset_group": self.group.arn}

    def length_at(self, forecast_frequency: str) -> int:
        """How many periods of the forecast's frequency the target's history has."""
        facts = cast(TimeSeriesImportFacts, self.imports[TARGET_TIME_SERIES].facts)
        if forecast_frequency == self.target.request["DataFrequency"]:
            return facts["length"]
        first, last = map(datetime.fromisoformat, (facts["first_timestamp"], facts["last_timestamp"]))
        return frequency.parse(forecast_frequency, "ForecastFrequency").periods_between(first, last)


def imports_of(used: Record) -> dict[str, str]:
    """The imports that a predictor is trained on or a forecast is made from: type of dataset -> ARN."""
    types = (TARGET_TIME_SERIES, RELATED_TIME_SERIES, ITEM_METADATA)
    inputs = cast(dict[str, str], used.inputs)
    return {dataset_type: inputs[dataset_type] for dataset_type in types if dataset_type in inputs}


def data_inputs(imports: Mapping[str, str]) -> JobInputs:
    """What the record of a job keeps of the imports that it reads: ``imports`` maps a type of dataset to an ARN."""
    return cast(JobInputs, dict(imports))


def training_data(context: RequestContext, group_arn: str, action: str) -> TrainingData:
    """The newest data of a group, ready to be read.

    Raises ResourceInUseException while one of the datasets is being imported, InvalidInputException without a target.
    """
    group = context.get("dataset_group", group_arn)
    require_active(group, action)
    arns = group.request["DatasetArns"]
    datasets = {dataset.request["DatasetType"]: dataset for dataset in datasets_of(context, arns)}
    for dataset in datasets.values():
        require_active(dataset, action)
    imports = {dataset_type: latest_import(context, dataset.arn) for dataset_type, dataset in datasets.items()}
    active_imports = {dataset_type: job for dataset_type, job in imports.items() if job is not None}
    if TARGET_TIME_SERIES not in active_imports:
        what = "an ACTIVE import of its" if TARGET_TIME_SERIES in datasets else "a"
        raise InvalidInputException(f"Cannot {action}: {group_arn} lacks {what} {TARGET_TIME_SERIES} dataset")
    return TrainingData(group, datasets, active_imports)


def check_frequency(data: TrainingData, forecast_frequency: str) -> None:
    """Refuse a frequency finer than the target's data, or another than that of the related time series."""
    of_forecast = frequency.parse(forecast_frequency, "ForecastFrequency")
    for dataset_type in (TARGET_TIME_SERIES, RELATED_TIME_SERIES):
        if dataset_type not in data.datasets:
            continue
        text = data.datasets[dataset_type].request["DataFrequency"]
        of_data = frequency.parse(text, "DataFrequency")
        if dataset_type == TARGET_TIME_SERIES and of_forecast.seconds < of_data.seconds:
            reason = f"is finer than the {text} of the {TARGET_TIME_SERIES} dataset"
            raise InvalidInputException(f"ForecastFrequency {forecast_frequency} {reason}")
        if dataset_type == RELATED_TIME_SERIES and of_forecast != of_data:
            reason = f"is not the {text} of the {RELATED_TIME_SERIES} dataset, which is never aggregated"
            raise InvalidInputException(f"ForecastFrequency {forecast_frequency} {reason}")


def check_dimensions(data: TrainingData, dimensions: list[str]) -> None:
    """Refuse dimensions that the target lacks, and attributes of related time series that are neither number nor
    dimension."""
    allowed = dimensions_of(data.target)
    for name in dimensions:
        if name not in allowed:
            known = ", ".join(allowed) or "none"
            raise InvalidInputException(f"ForecastDimensions: {name} is no dimension of the target; it has {known}")
        if dimensions.count(name) > 1:
            raise InvalidInputException(f"ForecastDimensions: {name} is given more than once")
    if RELATED_TIME_SERIES in data.datasets:
        _check_related_types(data.datasets[RELATED_TIME_SERIES], dimensions)


def _check_related_types(related: Record, dimensions: list[str]) -> None:
    own = (DOMAINS[related.request["Domain"]].identifier, "timestamp", *dimensions)
    types = schema_types(related)
    numbers = [name for name in types if is_number(types[name])]
    wrong = [name for name in types if name not in own and name not in numbers]
    if wrong:
        raise InvalidInputException(
            f"The attribute(s) [{', '.join(wrong)}] present in the RELATED_TIME_SERIES schema should be of numeric type"
            " such as `integer` or `float`, or be added as a forecast dimension"
        )
    if not numbers:
        found = ", ".join(types)
        raise InvalidInputException(
            f"The RELATED_TIME_SERIES schema has no number (`integer` or `float`) to learn from; found {found}"
        )
