"""The notebook on SageMaker: nothing where it is not asked for, else an instance that knows where to forecast."""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import Loader

from tests.project.resolved_template import project_template, resolved

PROJECT = Path(__file__).parent.parent.parent
SCRIPT = PROJECT / "notebooks" / "one_time_analysis.py"
MODELS = PROJECT / "src" / "forecast_pipeline" / "aws_models"
SHELLCHECK = Path(sys.executable).parent / "shellcheck"
INSTANCE_TYPE = "ml.t3.medium"
OF_THE_NOTEBOOK = {
    "NotebookInstance": "AWS::SageMaker::NotebookInstance",
    "NotebookStart": "AWS::SageMaker::NotebookInstanceLifecycleConfig",
    "NotebookRole": "AWS::IAM::Role",
    "StopNotebook": "AWS::Scheduler::Schedule",
    "StopNotebookRole": "AWS::IAM::Role",
}


def stack(**parameters: str) -> dict[str, Any]:
    return resolved(project_template(), **parameters)


def start_script(**parameters: str) -> str:
    made = stack(NotebookInstanceType=INSTANCE_TYPE, **parameters)["Resources"]["NotebookStart"]
    script: str = made["Properties"]["OnStart"][0]["Content"]
    return script


def calls() -> set[str]:
    """The operations of Amazon Forecast that the notebook's script calls or waits with, as IAM spells them."""
    session = botocore.session.get_session()
    operations = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): name
        for service in ("forecast", "forecastquery")
        for name in session.get_service_model(service).operation_names
    }
    used = set(re.findall(r"\b(?:forecast|forecastquery)\.([a-z]+_[a-z_]+)\b", SCRIPT.read_text()))
    assert used <= set(operations), "called, but no operation of Amazon's"
    return {operations[name] for name in used}


def test_without_an_instance_type_nothing_of_the_notebook_is_made() -> None:
    made = stack()
    assert [name for name, body in made["Resources"].items() if "SageMaker" in body["Type"]] == []
    assert not set(OF_THE_NOTEBOOK) & set(made["Resources"])
    assert "NotebookInstanceName" not in made["Outputs"]


def test_with_an_instance_type_all_of_it_is_made() -> None:
    made = stack(NotebookInstanceType=INSTANCE_TYPE)
    assert {name: made["Resources"][name]["Type"] for name in OF_THE_NOTEBOOK} == OF_THE_NOTEBOOK
    assert "NotebookCallsAmazonPolicy" not in made["Resources"]
    instance = made["Resources"]["NotebookInstance"]["Properties"]
    assert (instance["InstanceType"], instance["RootAccess"]) == (INSTANCE_TYPE, "Disabled")
    assert instance["InstanceMetadataServiceConfiguration"] == {"MinimumInstanceMetadataServiceVersion": "2"}
    assert made["Outputs"]["NotebookInstanceName"]["Value"] == "NotebookInstance.NotebookInstanceName"


def test_the_instance_is_stopped_every_evening_by_a_role_that_can_do_nothing_else() -> None:
    made = stack(NotebookInstanceType=INSTANCE_TYPE, NotebookTimeZone="Asia/Seoul")["Resources"]
    schedule = made["StopNotebook"]["Properties"]
    assert (schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"]) == (
        "cron(0 20 * * ? *)",
        "Asia/Seoul",
    )
    assert schedule["Target"]["Arn"] == "arn:aws:scheduler:::aws-sdk:sagemaker:stopNotebookInstance"
    assert schedule["Target"]["RoleArn"] == "StopNotebookRole.Arn"
    (policy,) = made["StopNotebookRole"]["Properties"]["Policies"]
    assert policy["PolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Action": "sagemaker:StopNotebookInstance", "Resource": "NotebookInstance"}
    ]


def test_the_notebook_calls_the_service_and_writes_to_its_own_folder_alone() -> None:
    role = stack(NotebookInstanceType=INSTANCE_TYPE)["Resources"]["NotebookRole"]["Properties"]
    assert role["ManagedPolicyArns"] == ["CallForecastServicePolicy", "PassDataRolePolicy"]
    (policy,) = role["Policies"]
    writes = [
        statement["Resource"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "s3:PutObject" in statement["Action"]
    ]
    assert writes == ["DataBucket.Arn/notebook/*"]


def test_where_amazon_forecasts_the_notebooks_role_may_do_what_its_cells_call_and_no_more() -> None:
    made = stack(NotebookInstanceType=INSTANCE_TYPE, ForecastService="Amazon")["Resources"]
    (call,) = made["NotebookCallsAmazonPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (pass_role,) = made["PassDataRolePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    by_training = {"CreateExplainability"}  # ExplainPredictor makes one
    assert set(call["Action"]) == {f"forecast:{name}" for name in calls() | by_training}
    assert (pass_role["Action"], pass_role["Resource"]) == ("iam:PassRole", "DataRole.Arn")
    assert pass_role["Condition"] == {"StringEquals": {"iam:PassedToService": "forecast.amazonaws.com"}}


@pytest.mark.skipif(not SHELLCHECK.exists(), reason="there is no shellcheck here: make .venv/ready")
@pytest.mark.parametrize("service", ["Almanac", "Amazon"])
def test_shellcheck_finds_nothing_in_the_start_script_which_is_short_enough(service: str, tmp_path: Path) -> None:
    script = start_script(ForecastService=service)
    assert len(base64.b64encode(script.encode())) < 16_384
    as_user = script.partition("<<'AS_USER'\n")[2].removesuffix("AS_USER\n")
    for name, text in (("start.sh", script), ("as_user.sh", f"#!/bin/bash\n{as_user}")):
        (tmp_path / name).write_text(text)
        found = subprocess.run([SHELLCHECK, tmp_path / name], capture_output=True, text=True, check=False)
        assert (found.returncode, found.stdout) == (0, "")


class Instance:
    """A home folder in which the start script runs as on the instance; the bucket is a folder."""

    def __init__(self, folder: Path) -> None:
        self.home, self.bucket, self.programs = folder / "home", folder / "bucket", folder / "bin"
        for made in (self.home, self.bucket, self.programs):
            made.mkdir()
        self._program("sudo", '[ "$*" = "-u ec2-user -i" ] && exec bash')
        self._program("aws", f'[ "$4" = s3://DataBucket/notebook/files/ ] && cp -r "{self.bucket}/." "$5"')

    def _program(self, name: str, line: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/bash\n{line}\n")
        path.chmod(0o755)

    def put(self, key: str, text: str) -> None:
        (self.bucket / key).parent.mkdir(parents=True, exist_ok=True)
        (self.bucket / key).write_text(text)

    def start(self, script: str) -> None:
        environment = {"HOME": str(self.home), "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}"}
        run = subprocess.run(["bash"], input=script, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr

    def session(self, monkeypatch: pytest.MonkeyPatch) -> botocore.session.Session:
        """What a cell of the notebook gets from botocore."""
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", str(self.home))
        monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", str(self.home / ".aws" / "models"))
        session = botocore.session.Session()
        session.set_credentials("key", "secret")
        return session


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """An instance that was never started, and a bucket with nothing in it."""
    return Instance(tmp_path)


def test_after_its_start_forecast_is_called_at_the_stacks_url_as_that_asks_and_s3_at_awss(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in MODELS.rglob("*.json"):
        instance.put(f"aws_models/{path.relative_to(MODELS)}", path.read_text())
    instance.start(
        start_script().replace("ForecastApiFunctionUrl.FunctionUrl", "https://id.lambda-url.us-east-1.on.aws/")
    )
    session = instance.session(monkeypatch)
    clients = {name: session.create_client(name) for name in ("forecast", "forecastquery", "s3")}
    assert {name: client.meta.endpoint_url for name, client in clients.items()} == {
        "forecast": "https://id.lambda-url.us-east-1.on.aws/",
        "forecastquery": "https://id.lambda-url.us-east-1.on.aws/",
        "s3": "https://s3.amazonaws.com",
    }
    assert clients["forecast"].meta.service_model.signing_name == "lambda"
    assert clients["forecastquery"].meta.service_model.signing_name == "lambda"


def test_where_amazon_forecasts_no_endpoint_is_named(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    instance.start(start_script(ForecastService="Amazon"))
    client = instance.session(monkeypatch).create_client("forecast")
    assert client.meta.endpoint_url == "https://forecast.us-east-1.amazonaws.com"


def test_the_notebook_reads_its_bucket_and_role_from_the_file_that_the_start_writes(instance: Instance) -> None:
    instance.start(start_script())
    written = json.loads((instance.home / ".aws" / "almanac.json").read_text())
    assert written == {"FORECAST_BUCKET": "DataBucket", "FORECAST_ROLE_ARN": "DataRole.Arn"}
    assert all(f'"{name}"' in SCRIPT.read_text() for name in written)


def test_a_second_start_brings_new_files_and_keeps_what_its_user_has_changed(instance: Instance) -> None:
    instance.put("notebooks/one_time_analysis.ipynb", "as it came")
    instance.start(start_script())
    here = instance.home / "SageMaker" / "almanac"
    (here / "notebooks" / "one_time_analysis.ipynb").write_text("with my notes")
    instance.put("notebooks/one_time_analysis.ipynb", "a newer one")
    instance.put("samples/fruit_shop/a file of mine.csv", "1")
    instance.put("aws_models/forecast/x.json", "{}")
    instance.start(start_script())
    assert (here / "notebooks" / "one_time_analysis.ipynb").read_text() == "with my notes"
    assert (here / "samples" / "fruit_shop" / "a file of mine.csv").read_text() == "1"
    assert not (here / "aws_models").exists()
