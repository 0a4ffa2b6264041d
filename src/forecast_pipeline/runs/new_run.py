"""A new run: params.json and the files are checked, and the run document is written that enters the state machine."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from forecast_contract.domains import TARGET_TIME_SERIES
from forecast_language import counted, said
from forecast_pipeline.parameters.problems import ParameterError
from forecast_pipeline.parameters.read import read_parameters
from forecast_pipeline.parameters.requests import CreateAutoPredictorRequest, CreateDatasetRequest, Parameters
from forecast_pipeline.runs.data_files import FOLDERS, Content, input_content
from forecast_pipeline.runs.file_remarks import file_remarks
from forecast_pipeline.runs.heads import DataFileError, check_files
from forecast_pipeline.runs.prepared_data import PREPARED, read_manifest
from forecast_pipeline.runs.run_document import EndedRun, RunDocument, RunHead
from forecast_pipeline.runs.run_names import run_name

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

EXPORTS = "tmp"  # the workshop's folder of fresh exports, in the bucket
CUT_HISTORY = f"{EXPORTS}/as_of"  # what runs as of an old date import
MOST_REMARKS = 10  # of one folder: the document is handed from step to step
MANY_FILES = 10_000  # Amazon imports no more from one prefix


def new_document(
    s3: "S3Client",
    bucket: str,
    parameter_file: str,
    content: Content,
    *,
    run: str,
    event: str | None,
    execution: str | None = None,
    as_of: date | None = None,
) -> RunDocument | EndedRun:
    """The document of a run over the content, or over what it held at the end of the day ``as_of``.

    Where params.json or a file is wrong it holds the sentence about it as ``Problem``, and little else: the run then
    ends at its first state, before anything is created.
    """
    head = RunHead(
        Id=run,
        Bucket=bucket,
        ParameterFile=parameter_file,
        Event=event,
        Execution=execution,
        Parameters=content.parameters_fingerprint,
        StartedAt=datetime.now(UTC).isoformat(timespec="seconds"),
        **({"AsOf": as_of.isoformat()} if as_of else {}),
    )
    try:
        parameters, content = _checked(s3, bucket, parameter_file, content)
    except (ParameterError, DataFileError) as problem:
        return EndedRun(Run=head, PerformDelete=False, Problem=str(problem))
    members = _members(parameters, bucket, content, run)
    if as_of:
        members |= _beside(members, bucket, run)
    for job in members["Imports"]:
        kind = job["DatasetType"]
        told = [*_remarks_on_preparation(s3, bucket, content, kind), *_remarks(content, kind)]
        if told:
            job["Remarks"] = told[:MOST_REMARKS]
    return RunDocument.model_validate({"Run": head, **members, "Problem": None})


def cut_history_path(bucket: str, run: str) -> str:
    """Where the part of train/ lies that a run as of an old date imports."""
    return f"s3://{bucket}/{CUT_HISTORY}/{run}/train/"


def _checked(s3: "S3Client", bucket: str, parameter_file: str, content: Content) -> tuple[Parameters, Content]:
    """The parameters, and the content with the versions of the files that were read."""
    if content.parameters is None:
        raise ParameterError(
            said(
                "{file}: found no such file in bucket {bucket}, wanted it at the bucket's root.",
                file=parameter_file,
                bucket=bucket,
            )
        )
    if content.replacement:  # an old one: start_pipeline lets nothing start under one that is under way
        raise DataFileError(content.replacement.sentence)
    parameters = read_parameters(parameter_file, content.parameters)
    versions: dict[str, str] = {}
    declared: dict[str, CreateDatasetRequest] = {dataset.DatasetType: dataset for dataset in parameters.Datasets}
    for dataset_type, folder in FOLDERS.items():
        files, dataset = content.files[dataset_type], declared.get(dataset_type)
        _refuse_wrong_folder(folder, len(files), dataset, dataset_type, parameter_file)
        if dataset:
            versions |= check_files(s3, bucket, files, dataset, parameters.TimestampFormat)
    return parameters, content.with_versions(versions)


def _refuse_wrong_folder(
    folder: str, count: int, dataset: CreateDatasetRequest | None, dataset_type: str, parameter_file: str
) -> None:
    """Raise DataFileError for a folder that has files without a dataset, a dataset without files, or too many files."""
    if dataset and not count:
        raise DataFileError(
            said(
                "{folder}: found no files, wanted CSV files for dataset {dataset}.",
                folder=folder,
                dataset=dataset.DatasetName,
            )
        )
    if count and not dataset:
        raise DataFileError(
            counted(
                "{folder}: found {number} file, but Datasets in {file} has no {dataset_type}.",
                "{folder}: found {number} files, but Datasets in {file} has no {dataset_type}.",
                count,
                folder=folder,
                file=parameter_file,
                dataset_type=dataset_type,
            )
        )
    if count > MANY_FILES:
        raise DataFileError(
            said(
                "{folder}: found {number} files, wanted {most} or fewer.",
                folder=folder,
                number=count,
                most=MANY_FILES,
            )
        )


def _members(parameters: Parameters, bucket: str, content: Content, run: str) -> dict[str, Any]:
    forecast = parameters.Forecast
    predictors = {"AutoPredictor": parameters.AutoPredictor, "Predictor": parameters.Predictor}
    ((member, predictor),) = ((name, given) for name, given in predictors.items() if given is not None)
    folder = f"s3://{bucket}/{EXPORTS}/{run}"
    return {
        "DatasetGroup": parameters.DatasetGroup.without_nulls(),
        "Datasets": [dataset.without_nulls() for dataset in parameters.Datasets],
        "Imports": [
            _import(dataset, parameters.TimestampFormat, bucket, content, run) for dataset in parameters.Datasets
        ],
        member: _predictor(predictor.without_nulls(), run),
        "Forecast": forecast.without_nulls() | {"ForecastName": run_name(forecast.ForecastName, run)},
        "Exports": {
            export: {"Name": run_name(forecast.ForecastName, run), "Path": f"{folder}/{export.lower()}/"}
            for export in _exports(parameters.AutoPredictor)
        },
        "Names": {
            "DatasetGroup": parameters.DatasetGroup.DatasetGroupName,
            "Predictor": predictor.PredictorName,
            "Forecast": forecast.ForecastName,
        },
        "PerformDelete": parameters.PerformDelete,
        "Pipeline": parameters.Pipeline.model_dump(exclude={"RawData"}),
    }


def _beside(members: dict[str, Any], bucket: str, run: str) -> dict[str, Any]:
    """What is other in a run as of an old date: its datasets are its own, hold a part of train/, and go at its end."""
    renamed = {each["DatasetName"]: run_name(each["DatasetName"], run) for each in members["Datasets"]}
    group = members["DatasetGroup"]
    return {
        "DatasetGroup": group | {"DatasetGroupName": run_name(group["DatasetGroupName"], run)},
        "Datasets": [each | {"DatasetName": renamed[each["DatasetName"]]} for each in members["Datasets"]],
        "Imports": [
            each
            | {"DatasetName": renamed[each["DatasetName"]]}
            | ({"Path": cut_history_path(bucket, run)} if each["DatasetType"] == TARGET_TIME_SERIES else {})
            for each in members["Imports"]
        ],
        "PerformDelete": True,
    }


def _remarks(content: Content, dataset_type: str) -> Iterator[str]:
    return file_remarks(content.files[dataset_type], content.others.get(dataset_type, ()))


def _remarks_on_preparation(s3: "S3Client", bucket: str, content: Content, dataset_type: str) -> list[str]:
    """How the files of a folder came out of raw_data/; nothing if they did not."""
    keys = [file.key for file in content.files[dataset_type]]
    if not any(key.rpartition("/")[2].startswith(PREPARED) for key in keys):
        return []
    manifest = read_manifest(s3, bucket)
    return manifest.remarks(FOLDERS[dataset_type], keys) if manifest else []


def _predictor(request: dict[str, Any], run: str) -> dict[str, Any]:
    """The request with the run in its names; a monitor comes and goes with its predictor."""
    named = request | {"PredictorName": run_name(request["PredictorName"], run)}
    if "MonitorConfig" in request:
        named["MonitorConfig"] = {"MonitorName": run_name(request["MonitorConfig"]["MonitorName"], run)}
    return named


def _exports(predictor: CreateAutoPredictorRequest | None) -> list[str]:
    explained = predictor is not None and predictor.ExplainPredictor
    return ["Forecast", "Backtest", *(["Explainability"] if explained else [])]


def _import(
    dataset: CreateDatasetRequest, timestamp_format: str, bucket: str, content: Content, run: str
) -> dict[str, Any]:
    job: dict[str, Any] = {
        "DatasetName": dataset.DatasetName,
        "DatasetType": dataset.DatasetType,
        "DatasetImportJobName": run_name(dataset.DatasetName, run),
        "Path": f"s3://{bucket}/{FOLDERS[dataset.DatasetType]}",
        "FileCount": len(content.files[dataset.DatasetType]),
        "Content": input_content(content.files[dataset.DatasetType]),
    }
    if any(attribute.AttributeType == "timestamp" for attribute in dataset.Schema.Attributes):
        job["TimestampFormat"] = timestamp_format
    return job
