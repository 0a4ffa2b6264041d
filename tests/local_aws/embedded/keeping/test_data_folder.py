"""An embedded AWS that a folder keeps, and folders that cannot."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_aws.embedded.deployment import Deployment, package, redeploy_package
from local_aws.embedded.keeping.data_folder import FolderError, OpenFolder, maker, opened
from local_aws.embedded.launcher import StartError, embedded_aws
from tests.local_aws.conftest import SMALL_STACK

REGION = "us-east-1"


def opens(path: Path, region: str = REGION, *, named: bool = True) -> OpenFolder:
    with opened(path, region, named=named) as folder:
        return folder


def refusal(path: Path, region: str = REGION) -> str:
    with pytest.raises(FolderError) as refused:
        opens(path, region)
    return str(refused.value).removeprefix(f"--data {path}: ")


def put_something_everywhere(deployment: Deployment) -> None:
    s3, dynamodb = deployment.client("s3"), deployment.client("dynamodb")
    s3.put_bucket_versioning(Bucket=deployment.outputs["BucketName"], VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"second"):
        s3.put_object(Bucket=deployment.outputs["BucketName"], Key="a/file.csv", Body=body, Metadata={"run": "7"})
    dynamodb.create_table(
        TableName="records",
        KeySchema=[{"AttributeName": "Arn", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Arn", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="records", Item={"Arn": {"S": "a"}, "Body": {"B": b"\x00\xff"}, "Size": {"N": "1.50"}})
    queue = deployment.client("sqs").create_queue(QueueName="mails")["QueueUrl"]
    deployment.client("sqs").send_message(QueueUrl=queue, MessageBody="Forecast ready")


def everything(deployment: Deployment) -> dict[str, Any]:
    """What clients see that is put by `put_something_everywhere` and by the stack."""
    s3, dynamodb, sqs = (deployment.client(name) for name in ("s3", "dynamodb", "sqs"))
    bucket = deployment.outputs["BucketName"]
    found = s3.get_object(Bucket=bucket, Key="a/file.csv")
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    resources = deployment.client("cloudformation").describe_stack_resources(StackName="almanac")["StackResources"]
    received = sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="mails")["QueueUrl"], VisibilityTimeout=0)
    return {
        "object": (found["Body"].read(), found["Metadata"], found["VersionId"]),
        "versions": [(version["VersionId"], version["Size"], version["IsLatest"]) for version in versions],
        "record": dynamodb.get_item(TableName="records", Key={"Arn": {"S": "a"}})["Item"],
        "message": [message["Body"] for message in received["Messages"]],
        "databases": [database["Name"] for database in deployment.client("glue").get_databases()["DatabaseList"]],
        "resources": {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources},
        "outputs": deployment.outputs,
    }


def test_what_was_in_it_is_there_after_a_stop_and_a_start_on_another_port(tmp_path: Path) -> None:
    packaged, path = package(SMALL_STACK), tmp_path / "kept"
    with opened(path, REGION, named=False) as folder, embedded_aws(data=folder) as endpoint:
        first = redeploy_package(endpoint, packaged)
        folder.note_standing()
        put_something_everywhere(first)
        before = everything(first)
        assert refusal(path) == "another `almanac up` is on it, or still saves it"
    assert opens(path).kept().state == "state-1"
    with opened(path, REGION, named=False) as folder, embedded_aws(data=folder) as endpoint:
        second = redeploy_package(endpoint, packaged)
        folder.note_standing()
        assert second.endpoint != first.endpoint
        assert everything(second) == before
        answer = second.client("lambda").invoke(FunctionName=second.outputs["StepName"], Payload=b"{}")
        assert answer["StatusCode"] == 200
        assert before["object"][0] == b"second"
        assert len(before["versions"]) == 2
        assert folder.died_after == ""
    assert sorted(entry.name for entry in path.iterdir()) == ["almanac.json", "s3", "state-2"]


def test_a_state_that_cannot_be_read_is_said_and_stays(tmp_path: Path) -> None:
    with opened(tmp_path, REGION, named=False) as folder:
        folder.note(replace(folder.kept(), state="state-1", saved="2026-11-26T20:50:00+00:00"))
        (tmp_path / "state-1").mkdir()
        (tmp_path / "state-1" / "sqs.json").write_text('{"queues": ', encoding="utf-8")
        wanted = f"what {tmp_path} keeps cannot be read: JSONDecodeError: "
        with pytest.raises(StartError, match=wanted), embedded_aws(data=folder):
            pass
    assert (tmp_path / "state-1" / "sqs.json").exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    assert refusal(tmp_path) == "found other files, wanted an empty folder or one that it has made"
    assert refusal(tmp_path / "diary.txt") == "found a file, wanted a folder"
    assert [entry.name for entry in tmp_path.iterdir()] == ["diary.txt"]


def test_another_version_and_another_region_are_refused(tmp_path: Path) -> None:
    folder = opens(tmp_path)
    assert refusal(tmp_path, "eu-west-1") == "keeps an embedded AWS of us-east-1, wanted eu-west-1"
    assert opens(tmp_path, "eu-west-1", named=False).region == REGION
    folder.note(replace(folder.kept(), maker="Almanac 0.0.9"))
    assert refusal(tmp_path) == f"kept by Almanac 0.0.9, which alone can read it; this is {maker()}"


def test_what_died_before_it_was_saved_is_said(tmp_path: Path) -> None:
    folder = opens(tmp_path)
    folder.note_standing()
    said = "the only embedded AWS on it died before it was saved; choose another folder"
    assert refusal(tmp_path) == f"{said} (what objects held lies below {tmp_path / 's3'})"
    folder.note(replace(folder.kept(), state="state-1", saved="yesterday"))
    assert opens(tmp_path).died_after == "yesterday"
    assert opens(tmp_path).died_after == ""  # that it went on from there is nothing to be said again
