"""The examples for other people's programs run against the deployed stack, with nothing but environment variables."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.command.running_pipeline import variables
from tests.whole_way.aws_cli import quick_aws_cli
from tests.whole_way.small_data import monthly_panel
from tests.whole_way.stack import INPUT_PREFIXES, PROJECT, Stack, eventually

COLUMNS = "timestamp,item_id,model,target_value"
HUNG = 600  # seconds: a script that still waits then would wait for ever
AWS_CLI = shutil.which("aws", path=f"{PROJECT / '.venv-awscli' / 'bin'}{os.pathsep}{os.environ['PATH']}")


def test_every_example_is_run_here() -> None:
    scripts = {path.name: path.read_text() for path in (PROJECT / "examples").iterdir() if path.is_file()}
    sourced = {name for text in scripts.values() for name in re.findall(r'^source .*/(\S+)"$', text, re.MULTILINE)}
    tests = Path(__file__).read_text()
    assert {name for name in scripts if f'"{name}"' in tests} == scripts.keys() - sourced


def environment(stack: Stack) -> dict[str, str]:
    """What `almanac up` tells a shell to export."""
    return os.environ | variables(stack.deployment)


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    """A small file of two items in two models."""
    path = tmp_path / "panel.csv"
    path.write_bytes(monthly_panel())
    return path


@pytest.fixture(scope="module")
def cli_environment(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What `almanac up` tells a shell to export, with the AWS CLI on the PATH."""
    if AWS_CLI is None:
        pytest.skip("there is no AWS CLI here: make .venv-awscli/ready")
    with quick_aws_cli(Path(AWS_CLI), tmp_path_factory.mktemp("cli"), environment(stack)) as variables:
        yield variables


def test_the_boto3_example_goes_from_a_file_to_a_forecast_and_back_to_nothing(stack: Stack, panel: Path) -> None:
    command = [sys.executable, str(PROJECT / "examples" / "forecast_with_boto3.py"), "--csv", str(panel)]
    options = ["--columns", COLUMNS, "--timestamp-format", "yyyy-MM-dd", "--horizon", "6"]
    run = subprocess.run([*command, *options], env=environment(stack), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "deleted what was created" in run.stdout
    names = [predictor["PredictorName"] for predictor in stack.forecast.list_predictors()["Predictors"]]
    assert "boto3_example" not in names


def test_the_aws_cli_example_goes_from_a_file_to_a_forecast_and_back_to_nothing(
    stack: Stack, cli_environment: dict[str, str], panel: Path
) -> None:
    variables = cli_environment | {
        "COLUMNS_OF_FILE": COLUMNS,
        "TIMESTAMP_FORMAT": "yyyy-MM-dd",
        "HORIZON": "6",
        "DIMENSIONS": "model",
        "FILTERS": '{"item_id": "pears", "model": "south"}',
    }
    script = PROJECT / "examples" / "forecast_with_aws_cli.sh"
    arguments = [stack.bucket, stack.deployment.outputs["DataRoleArn"], str(panel)]
    run = subprocess.run(
        ["bash", str(script), *arguments], env=variables, capture_output=True, text=True, check=False, timeout=HUNG
    )
    assert run.returncode == 0, run.stderr
    names = [predictor["PredictorName"] for predictor in stack.forecast.list_predictors()["Predictors"]]
    assert "aws_cli_example" not in names


def test_the_aws_cli_goes_through_every_family_with_the_fruit_shop(
    stack: Stack, cli_environment: dict[str, str]
) -> None:
    script = PROJECT / "examples" / "fruit_shop_with_aws_cli.sh"
    arguments = [stack.bucket, stack.deployment.outputs["DataRoleArn"]]
    command = ["bash", str(script), *arguments]
    run = subprocess.run(command, env=cli_environment, capture_output=True, text=True, check=False, timeout=HUNG)
    assert run.returncode == 0, run.stderr
    for metric in ("AverageWeightedQuantileLoss", "MAPE", "MASE", "RMSE", "WAPE"):
        assert metric in run.stdout
    for folder in ("backtest/forecasted-values", "values", "impacts", "compared"):
        assert any(key.endswith(".csv") for key in stack.keys(f"exports/aws_cli_fruit_shop/{folder}/"))
    names = [group["DatasetGroupName"] for group in stack.forecast.list_dataset_groups()["DatasetGroups"]]
    assert "aws_cli_fruit_shop" not in names


def test_a_queue_that_listens_gets_the_events_of_its_stack(stack: Stack) -> None:
    formation, queue, functions = (stack.deployment.client(service) for service in ("cloudformation", "sqs", "lambda"))
    template = (PROJECT / "examples" / "listen_for_forecasts.yaml").read_text()
    formation.create_stack(StackName="listener", TemplateBody=template)
    formation.get_waiter("stack_create_complete").wait(StackName="listener", WaiterConfig={"Delay": 1})
    (listener,) = formation.describe_stacks(StackName="listener")["Stacks"]
    (output,) = listener["Outputs"]
    resource = formation.describe_stack_resource(StackName="almanac", LogicalResourceId="NotifyFunction")
    run = {"Id": "a-run", "Bucket": stack.bucket}
    function = resource["StackResourceDetail"]["PhysicalResourceId"]
    functions.invoke(FunctionName=function, Payload=json.dumps({"Run": run, "Problem": "params.json: missing."}))
    stack.mail()
    (message,) = eventually(lambda: queue.receive_message(QueueUrl=output["OutputValue"]).get("Messages"))
    event = json.loads(message["Body"])
    assert event["detail-type"] == "Forecast Failed"
    assert event["detail"] == {
        "Stack": "almanac",
        "Run": "a-run",
        "Bucket": stack.bucket,
        "Names": {},
        "Cause": "the check of its input: params.json: missing.",
        "InPlace": "The forecast published before is untouched and stays in place.",
    }
    formation.delete_stack(StackName="listener")


def test_the_example_of_a_year_tells_what_came_true_and_rolls_back(stack: Stack) -> None:
    for prefix in INPUT_PREFIXES:
        for key in stack.keys(prefix):
            stack.s3.delete_object(Bucket=stack.bucket, Key=key)
    command = [sys.executable, str(PROJECT / "examples" / "a_year_of_runs.py"), "--months", "3"]
    run = subprocess.run(command, env=environment(stack), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    for _ in range(4):
        stack.mail()
    assert run.stdout.count("Forecast ready: a_year, ") == 3
    assert "Forecast as of 2022-12-31: a_year, " in run.stdout
    assert "The month from 2024-01-01 on came out " in run.stdout
    assert "The month from 2024-02-01 on came out " in run.stdout
    newest, before = re.findall(r"run (\S+) is the latest forecast now; it was run (\S+)", run.stdout)
    assert newest == before[::-1]
    assert json.loads(stack.text("latest/accuracy.json"))["RunId"] == before[0]
