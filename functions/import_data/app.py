"""Import the files of every dataset, one import job each, and say what became of their rows."""

import os
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_contract.domains import TARGET_TIME_SERIES
from forecast_contract.partial_period import partial_period_tag
from forecast_files.row_counts import RowCounts
from forecast_pipeline import create_unless_exists, forecast_client, require_active, sibling_arn
from forecast_pipeline.forecast_resources import Description, passing_errors
from forecast_pipeline.imports.cut_history import write_cut_history
from forecast_pipeline.imports.imported_content import require_same_files
from forecast_pipeline.imports.imported_rows import refuse_too_many_left_out, rows_as_told, rows_in_files
from forecast_pipeline.runs.published import RowFigures
from forecast_pipeline.runs.run_document import ImportedRows, WithDatasets
from forecast_pipeline.runs.run_names import tagged
from forecast_pipeline.runs.run_requests import DatasetImport

if TYPE_CHECKING:
    from mypy_boto3_forecast import ForecastServiceClient
    from mypy_boto3_forecast.type_defs import CreateDatasetImportJobResponseTypeDef
    from mypy_boto3_s3 import S3Client

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@passing_errors()
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> list[dict[str, Any]]:
    document, client, s3 = WithDatasets.model_validate(event), forecast_client(), boto3.client("s3")
    jobs = {}
    for job in document.Imports:
        dataset_arn = document.Arns.DatasetArns[job.DatasetName]
        arn = sibling_arn(dataset_arn, "dataset-import-job", job.DatasetName, job.DatasetImportJobName)
        jobs[arn] = create_unless_exists(
            client.describe_dataset_import_job,
            {"DatasetImportJobArn": arn},
            partial(_create, client, s3, document, job),
            tagged(_request(document, job, dataset_arn), job.DatasetName, document.Run.Id, document.Run.Bucket),
        )
    require_active(jobs)
    for job in document.Imports:  # what arrived while the service read
        require_same_files(s3, document.Run.Bucket, job)
    return [
        _imported(document, job, arn, description).as_given()
        for job, (arn, description) in zip(document.Imports, jobs.items(), strict=True)
    ]


def _create(
    client: "ForecastServiceClient", s3: "S3Client", document: WithDatasets, job: DatasetImport, **request: Any
) -> "CreateDatasetImportJobResponseTypeDef":
    """Create the import job if the files are those that the run was started for."""
    require_same_files(s3, document.Run.Bucket, job)
    if document.Run.AsOf and job.DatasetType == TARGET_TIME_SERIES:
        day, frequency = date.fromisoformat(document.Run.AsOf), document.predictor.frequency
        dataset = document.dataset(job.DatasetName)
        write_cut_history(s3, document.Run.Bucket, job, dataset, frequency=frequency, as_of=day)
    return client.create_dataset_import_job(**request)


def _imported(document: WithDatasets, job: DatasetImport, arn: str, description: Description) -> ImportedRows:
    """What became of the rows of an import that is ACTIVE; ResourceFailed if too many of them were left out."""
    rows = _rows(document, job, description)
    refuse_too_many_left_out(rows, job.DatasetType, document.Pipeline.MaxLeftOutShare)
    return ImportedRows(ImportJobArn=arn, DatasetType=job.DatasetType, Rows=RowFigures.of(rows))


def _rows(document: WithDatasets, job: DatasetImport, description: Description) -> RowCounts:
    if os.environ["SERVICE_TELLS_LEFT_OUT"] == "true":
        return rows_as_told(description)
    return rows_in_files(boto3.client("s3"), document.Run.Bucket, job, document.dataset(job.DatasetName))


def _request(document: WithDatasets, job: DatasetImport, dataset_arn: str) -> dict[str, Any]:
    request: dict[str, Any] = {
        "DatasetImportJobName": job.DatasetImportJobName,
        "DatasetArn": dataset_arn,
        "DataSource": {"S3Config": {"Path": job.Path, "RoleArn": os.environ["DATA_ROLE_ARN"]}},
    }
    if document.Pipeline.DropPartialPeriod and job.DatasetType == TARGET_TIME_SERIES:
        request["Tags"] = [partial_period_tag(document.predictor.frequency, document.predictor.boundary)]
    return request | ({"TimestampFormat": job.TimestampFormat} if job.TimestampFormat else {})
