"""Import the files of every dataset, one import job each."""

import os
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.utilities.typing import LambdaContext

from forecast_pipeline import create_unless_exists, forecast_client, require_active, sibling_arn
from forecast_pipeline.runs.run_names import tagged

logger = Logger()
tracer = Tracer()


@logger.inject_lambda_context
@tracer.capture_lambda_handler
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> list[str]:
    client = forecast_client()
    jobs = {}
    for job in event["Imports"]:
        dataset, name = job["DatasetName"], job["DatasetImportJobName"]
        dataset_arn = event["Arns"]["DatasetArns"][dataset]
        request = {
            "DatasetImportJobName": name,
            "DatasetArn": dataset_arn,
            "DataSource": {"S3Config": {"Path": job["Path"], "RoleArn": os.environ["DATA_ROLE_ARN"]}},
        }
        if "TimestampFormat" in job:
            request["TimestampFormat"] = job["TimestampFormat"]
        arn = sibling_arn(dataset_arn, "dataset-import-job", dataset, name)
        jobs[arn] = create_unless_exists(
            client.describe_dataset_import_job,
            {"DatasetImportJobArn": arn},
            client.create_dataset_import_job,
            tagged(request, dataset, event["Run"]["Id"]),
        )
    require_active(jobs)
    return list(jobs)
