"""`sam deploy`, SAM's own program with the project's samconfig.toml, on the embedded AWS; and what `sam delete` leaves.

Without `make build`: test_built_functions.py has what a build holds. The template is written as JSON, since SAM reads
it seven times for one deployment, and a second each time where it is YAML; `make check` has SAM read the YAML.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local_aws.command.cli import main
from local_aws.embedded.deployment import STACK_NAME, running_deployment
from local_aws.embedded.launcher import ACCESS_KEY, REGION, SECRET_KEY, client, embedded_aws
from tests.project.resolved_template import project_template

PROJECT = Path(__file__).parent.parent.parent
SAM = PROJECT / ".venv-sam" / "bin" / "sam"
KEPT = ("AWS::S3::Bucket", "AWS::DynamoDB::Table")

pytestmark = pytest.mark.skipif(not SAM.exists(), reason="there is no sam here: make .venv-sam/ready")


@dataclass(frozen=True)
class Account:
    """An account of the embedded AWS, and SAM's program in it."""

    endpoint: str
    project: Path

    def sam(self, *arguments: str) -> str:
        """What the command prints, once it has ended well."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.project),  # nobody's configuration of SAM or AWS
            "SAM_CLI_TELEMETRY": "0",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
        }
        command = [str(SAM), *arguments]
        done = subprocess.run(command, cwd=self.project, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def deploy(self) -> str:
        return self.sam("deploy", "--template-file", "template.json", "--no-confirm-changeset", "--no-progressbar")

    def client(self, service: str) -> Any:
        return client(service, self.endpoint)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account in which nothing was ever deployed, and the project beside its template in JSON."""
    project = tmp_path_factory.mktemp("project")
    (project / "template.json").write_text(json.dumps(project_template()))
    for name in ("LICENSE", "README.md", "functions", "glue", "samconfig.toml", "src", "statemachine"):
        (project / name).symlink_to(PROJECT / name)
    with embedded_aws() as endpoint:
        yield Account(endpoint, project)


def test_sam_deploy_makes_the_stack_twice_is_once_and_what_sam_delete_leaves_goes_by_one_command(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Successfully created/updated stack - almanac in us-east-1" in account.deploy()
    outputs = it_stands_with_code_from_sams_own_bucket(account)
    assert "No changes to deploy. Stack almanac is up to date" in account.deploy()

    account.client("s3").put_object(Bucket=outputs["ForecastBucketName"], Key="train/a.csv", Body=b"1,2\n")
    account.client("cloudformation").delete_stack(StackName=STACK_NAME)  # which is what sam delete does, in a second
    account.client("cloudformation").get_waiter("stack_delete_complete").wait(
        StackName=STACK_NAME, WaiterConfig={"Delay": 1}
    )
    its_data_are_left_and_almanac_empty_removes_them(account, outputs, capsys)


def it_stands_with_code_from_sams_own_bucket(account: Account) -> dict[str, str]:
    deployment = running_deployment(account.endpoint)
    assert deployment is not None
    declared = {name for name, output in project_template()["Outputs"].items() if "Condition" not in output}
    assert deployment.outputs.keys() == declared
    job = account.client("glue").get_job(JobName="almanac-job")["Job"]
    assert job["Command"]["ScriptLocation"].startswith("s3://aws-sam-cli-managed-default-")
    machine = account.client("stepfunctions").describe_state_machine(
        stateMachineArn=deployment.outputs["StateMachineArn"]
    )
    assert "${" not in machine["definition"]  # all that template.yaml fills in is filled in
    return deployment.outputs


def its_data_are_left_and_almanac_empty_removes_them(
    account: Account, outputs: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    s3, dynamodb = account.client("s3"), account.client("dynamodb")
    buckets = {outputs[name] for name in ("ForecastBucketName", "ServiceBucketName", "AthenaBucketName")}
    assert buckets <= {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    assert outputs["RecordsTableName"] in dynamodb.list_tables()["TableNames"]

    assert main(["empty", STACK_NAME, "--endpoint", account.endpoint, "--yes"]) == 0
    assert "1 versions of objects, 4 bytes" in capsys.readouterr().out
    assert not buckets & {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    assert outputs["RecordsTableName"] not in dynamodb.list_tables()["TableNames"]
