"""What goes into the data bucket: params.json and the files, with the columns its schema names."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from forecast_contract.domains import TARGET_TIME_SERIES
from forecast_language import said
from local_aws.guessing.interpretation import said_of_left_out
from local_aws.guessing.options import Options
from local_aws.guessing.roles import another_number
from local_aws.guessing.table import Source, open_table
from local_aws.opening.named_file import not_there
from local_aws.periods import plan
from local_aws.periods.plan import Plan, make_plan
from local_aws.upload import metadata_file, related_file
from local_aws.upload.bucket_file import dimension_names
from local_aws.upload.metadata_file import MetadataFile
from local_aws.upload.parameters import (
    AttributeConfig,
    DataConfig,
    Dataset,
    ParameterTree,
    holidays_of,
    key_attributes,
    name_of,
    parameters,
    schema,
)
from local_aws.upload.planned_columns import planned_columns
from local_aws.upload.related_file import RelatedFile
from local_aws.upload.target_file import target_file
from local_aws.upload.user_file import UserFile
from local_aws.upload.user_form import UserForm


@dataclass
class BucketUpload:
    """Objects for the bucket in the order of arrival, and sentences on what was guessed.

    `files` say what the objects are to the user. `form` is how the user writes, `guesses` what was guessed; both are
    None where the files go as they are.
    """

    objects: list[tuple[str, Path | bytes]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    files: list[UserFile] = field(default_factory=list)
    form: UserForm | None = None
    guesses: "Guesses | None" = None


@dataclass(frozen=True)
class Guesses:
    """What the files of the user mean, beside what the user said; nothing is written yet."""

    options: Options
    planned: Plan
    related: RelatedFile | None
    metadata: MetadataFile | None

    @property
    def sentences(self) -> list[str]:
        """The guesses in words, with the options that override them."""
        sentences = [*plan.sentences_of(self.planned, self.options)]
        if self.related:
            used = {said_of_left_out(name, another_number()) for name in self.related.columns.features}
            sentences = [each for each in sentences if not self.related.is_target or each not in used]
            sentences += related_file.sentences_of(self.related)
        if self.metadata:
            sentences += metadata_file.sentences_of(self.metadata, self.planned.table, self.planned.roles)
        return sentences + (
            [said("holidays    {country}", country=self.options.holidays)] if self.options.holidays else []
        )


def guesses_of(source: Source, options: Options) -> Guesses:
    """Read the files and guess what was not said. DataError if they cannot be forecast, or not so."""
    planned = make_plan(open_table(source, options.reading), options)
    metadata = (
        metadata_file.read_metadata(options.metadata, planned.roles, options.decimal) if options.metadata else None
    )
    return Guesses(options, planned, _related(planned, options), metadata)


def _related(planned: Plan, options: Options) -> RelatedFile | None:
    """What is known beside the target: of the file that the user names, or else of the target's own rows ahead."""
    if options.related == related_file.NOTHING_RELATED:
        return None
    if options.related:
        return related_file.read_related(options.related, planned.table, planned, options)
    return planned_columns(planned)


def upload_from_guesses(source: str | Path | Sequence[str], options: Options, folder: Path) -> BucketUpload:
    """Read the files, guess what was not said, and write into `folder` the files that must be written anew."""
    guesses = guesses_of(source, options)
    planned, related, metadata = guesses.planned, guesses.related, guesses.metadata
    files: list[UserFile] = []
    if related:
        files.append(related_file.write_related(related, planned, folder))
    if metadata:
        files.append(metadata_file.write_metadata(metadata, folder))
    files.append(target_file(planned, folder))  # the last: it starts the run
    named = files if planned.table.has_header else files[:-1]
    columns = {attribute: column for file in named for attribute, column in file.columns.items()}
    return BucketUpload(
        [
            ("params.json", json.dumps(parameters_of(guesses), indent=2).encode()),
            *((file.key, file.path) for file in files),
        ],
        guesses.sentences,
        files,
        UserForm(planned.table, planned.roles, columns),
        guesses,
    )


def parameters_of(guesses: Guesses) -> ParameterTree:
    """What params.json says: the datasets, and what is asked of predictor and forecast."""
    planned, related, metadata = guesses.planned, guesses.related, guesses.metadata
    datasets, configs = [_target_dataset(planned)], _target_configs(planned)
    if related:
        configs += related.attribute_configs
        datasets.append(related_file.dataset_of(related, planned))
    if metadata:
        datasets.append(metadata_file.dataset_of(metadata))
    return parameters(
        name_of(planned.table.stem),
        datasets,
        planned,
        dimensions=[*dimension_names(planned.roles).values()],
        quantiles=guesses.options.quantiles,
        data=_data_config(guesses.options, configs),
    )


def upload_as_given(path: Path, options: Options, parameter_file: Path) -> BucketUpload:
    """The user's own files, unmodified."""
    upload = BucketUpload()
    for prefix, file in (
        ("", parameter_file),
        ("related/", options.related),
        ("metadata/", options.metadata),
        ("train/", path),
    ):
        if file is not None:
            given = Path(str(file))
            if not given.is_file():
                raise not_there(given)
            key = f"{prefix}{given.name}" if prefix else "params.json"
            upload.objects.append((key, given))
            upload.files.append(UserFile(key, given, str(given)))
    return upload


def _target_configs(planned: Plan) -> list[AttributeConfig]:
    return (
        [{"AttributeName": "target_value", "Transformations": planned.transformations}]
        if planned.transformations
        else []
    )


def _data_config(options: Options, configs: list[AttributeConfig]) -> DataConfig:
    data: DataConfig = {}
    if options.holidays:
        data["AdditionalDatasets"] = [holidays_of(options.holidays)]
    if configs:
        data["AttributeConfigs"] = configs
    return data


def _target_dataset(planned: Plan) -> Dataset:
    dimensions = dimension_names(planned.roles).values()
    attributes = [("timestamp", "timestamp"), *key_attributes(dimensions), ("target_value", "float")]
    return {
        "DatasetType": TARGET_TIME_SERIES,
        "DataFrequency": planned.data_frequency,
        "Schema": schema(*attributes),
    }
