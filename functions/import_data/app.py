"""Import the files of every dataset, one import job each."""

import os
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline import create_unless_exists, forecast_client, require_active, sibling_arn
from forecast_pipeline.runs.run_document import WithDatasets
from forecast_pipeline.runs.run_names import tagged
from forecast_pipeline.runs.run_requests import DatasetImport

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> list[str]:
    document, client = WithDatasets.model_validate(event), forecast_client()
    jobs = {}
    for job in document.Imports:
        dataset_arn = document.Arns.DatasetArns[job.DatasetName]
        arn = sibling_arn(dataset_arn, "dataset-import-job", job.DatasetName, job.DatasetImportJobName)
        jobs[arn] = create_unless_exists(
            client.describe_dataset_import_job,
            {"DatasetImportJobArn": arn},
            client.create_dataset_import_job,
            tagged(_request(job, dataset_arn), job.DatasetName, document.Run.Id),
        )
    require_active(jobs)
    return list(jobs)


def _request(job: DatasetImport, dataset_arn: str) -> dict[str, Any]:
    request = {
        "DatasetImportJobName": job.DatasetImportJobName,
        "DatasetArn": dataset_arn,
        "DataSource": {"S3Config": {"Path": job.Path, "RoleArn": os.environ["DATA_ROLE_ARN"]}},
    }
    return request | ({"TimestampFormat": job.TimestampFormat} if job.TimestampFormat else {})
