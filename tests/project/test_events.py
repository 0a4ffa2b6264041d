"""Every event of events/ is answered by its built function on the Lambda emulator, as `sam local invoke` would have it.

The embedded AWS behind the functions holds the deployed stack and the empty bucket `almanac-data` that the events
name. So a step that asks for a resource of an earlier step is told that there is none: that, too, is an answer of its
own code. A module that is missing from a layer, a crash at import or a timeout is another error and fails.
"""

import hashlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from forecast_pipeline.runs.run_names import run_id
from local_aws.embedded.deployment import Deployment
from tests.project.emulator import Emulator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the emulator and what is built are for Linux")

PROJECT = Path(__file__).parent.parent.parent
ARN = "arn:aws:forecast:us-east-1:123456789012:"
RUN = "electricity_9f3c1a2b7d"
# Neither params.json nor files: its mail says so.
RUN_OF_NO_CONTENT = run_id(hashlib.sha256(b"").hexdigest()[:10], day=datetime.now(UTC).date())


def refused(operation: str, absent: str) -> dict[str, Any]:
    """A step whose request the service refuses, since a resource it names is not there."""
    account = "it is of account 123456789012, and this service is in 000000000000"
    message = f"{operation} was refused (ResourceNotFoundException): No resource found {ARN}{absent}: {account}"
    return {"errorType": "ResourceFailed", "errorMessage": message}


# Event -> its function, and the members of the answer that do not change from run to run.
ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "create_dataset": (
        "CreateDatasetFunction",
        {
            "DatasetGroupArn": "arn:aws:forecast:us-east-1:000000000000:dataset-group/electricity",
            "DatasetArns": {"electricity": "arn:aws:forecast:us-east-1:000000000000:dataset/electricity"},
        },
    ),
    "import_data": ("ImportDataFunction", refused("CreateDatasetImportJob", "dataset/electricity")),
    "train_predictor": ("TrainPredictorFunction", refused("CreateAutoPredictor", "dataset-group/electricity")),
    "create_forecast": (
        "CreateForecastFunction",
        refused("CreateForecast", f"predictor/{RUN}_01G3S1G876GRBAV467GCM9H53Q"),
    ),
    "export_forecast": ("ExportForecastFunction", refused("CreateForecastExportJob", f"forecast/{RUN}")),
    "publish_forecast": (
        "PublishForecastFunction",
        {
            "errorType": "ValueError",
            "errorMessage": "s3://almanac-data/train/: found no train file, wanted one or more",
        },
    ),
    "restore_latest": (  # the bucket is empty
        "RestoreLatestFunction",
        {"State": "kept", "RunId": None, "Replacing": None, "Refused": {}, "Objects": {}},
    ),
    "approve_forecast": ("ApproveForecastFunction", {"statusCode": 410}),  # its link leads nowhere
    "publish_run": (  # the bucket is empty
        "PublishRunFunction",
        {
            "errorType": "ValueError",
            "errorMessage": "history/clean/9f3c1a2b7d/: found no finished run, wanted one that a pipeline has finished",
        },
    ),
    "refresh_dashboard": (  # the embedded AWS has no QuickSight
        "RefreshDashboardFunction",
        {"errorType": "ResourceFailed", "errorMessage": "CreateIngestion was refused (400): "},
    ),
    "delete_resources": ("DeleteResourcesFunction", {"InUse": []}),
    "notify": (
        "NotifyFunction",
        {"Subject": "Forecast ready: electricity, 31% better than seasonal naive", "Error": None, "Cause": None},
    ),
    "notify_failure": (
        "NotifyFunction",
        {"Subject": "Forecast failed: electricity, step ExportForecast", "Error": "ResourceFailed"},
    ),
    "plan_preparation": ("PlanPreparationFunction", {"batchItemFailures": []}),
    "replace_train_data": ("ReplaceTrainDataFunction", {"FileCount": 0}),  # superseded: the bucket has no raw file
    "start_pipeline": ("StartPipelineFunction", {"batchItemFailures": []}),
    "start_pipeline_schedule": ("StartPipelineFunction", {"Run": RUN_OF_NO_CONTENT}),
    "start_pipeline_s3_put": ("StartPipelineFunction", {"Run": RUN_OF_NO_CONTENT}),
    "forecast_api": ("ForecastApiFunction", {"statusCode": 200}),
    "forecast_worker": (
        "ForecastWorkerFunction",
        {
            "errorType": "ResourceNotFoundException",
            "errorMessage": f"No resource found {ARN}dataset-import-job/electricity_target/{RUN}",
        },
    ),
}


@pytest.fixture(scope="module")
def emulator(build_folder: Path, built_deployment: Deployment) -> Emulator:
    built_deployment.client("s3").create_bucket(Bucket="almanac-data")
    return Emulator(build_folder, built_deployment)


def test_every_event_has_an_expected_answer() -> None:
    assert sorted(ANSWERS) == sorted(path.stem for path in (PROJECT / "events").glob("*.json"))


@pytest.mark.parametrize("event", ANSWERS)
def test_the_built_function_answers_its_event_on_the_emulator(event: str, emulator: Emulator) -> None:
    function, expected = ANSWERS[event]
    body = (PROJECT / "events" / f"{event}.json").read_bytes()
    if event == "delete_resources":  # else what create_dataset made here is none of the run's own, and goes
        body = body.replace(b"123456789012", b"000000000000")
    answer = emulator.invoke(function, body)
    assert {member: answer.get(member) for member in expected} == expected, answer
    assert ("errorType" in answer) == ("errorType" in expected), answer
