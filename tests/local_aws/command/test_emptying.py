"""almanac empty: what has the stack's mark goes, once its name is typed; nothing else is touched."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from forecast_pipeline.publishing.outputs.glue_tables import STACK_MARK as MARK_OF_GLUE_TABLES
from local_aws.command.cli import main
from local_aws.leftovers.finding import MARK as MARK_THAT_IS_LOOKED_FOR
from tests.project.resolved_template import project_template

MARK = {"almanac_stack": "shop"}
OTHER = {"almanac_stack": "shop-2"}
TRAIN = "s3://shop-data/train/"


@pytest.fixture
def left(aws_environment: None) -> Iterator[None]:
    """What the stack shop has left in an account, beside what is somebody else's."""
    with mock_aws():
        _bucket("shop-data", MARK)
        _bucket("other-data", OTHER)
        _bucket("diary", {})
        for name, mark in (("shop-records", MARK), ("other-records", OTHER)):
            _records(name, mark)
        kms = boto3.client("kms")
        for mark in (MARK, OTHER):
            kms.create_key(Tags=[{"TagKey": key, "TagValue": value} for key, value in mark.items()])
        glue = boto3.client("glue")
        for database in ("default", "private"):
            glue.create_database(DatabaseInput={"Name": database})
        for database, name, mark, location in (
            ("default", "train", MARK, TRAIN),
            ("default", "forecast", OTHER, "s3://other-data/forecast/"),
            ("private", "mine", {}, "s3://shop-data/exports/"),
            ("private", "diary", {}, "s3://diary/"),
        ):
            table = {"Name": name, "Parameters": mark, "StorageDescriptor": {"Location": location}}
            glue.create_table(DatabaseName=database, TableInput=table)  # type: ignore[arg-type]
        yield


def _bucket(name: str, tags: dict[str, str]) -> None:
    """Three objects; of one, three versions and a marker."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]})
    for key in ("a", "a", "a", "b/c", "b/d"):
        s3.put_object(Bucket=name, Key=key, Body=b"x" * 500)
    s3.delete_object(Bucket=name, Key="a")


def _records(name: str, tags: dict[str, str]) -> None:
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "Kind", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Kind", "KeyType": "HASH"}],
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    dynamodb.put_item(TableName=name, Item={"Kind": {"S": "dataset"}})


def account() -> dict[str, list[str]]:
    """What is there: names by kind, and keys that are not about to go."""
    kms, glue = boto3.client("kms"), boto3.client("glue")
    keys = [key["KeyId"] for key in kms.list_keys()["Keys"]]
    return {
        "buckets": sorted(bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]),
        "records": sorted(boto3.client("dynamodb").list_tables()["TableNames"]),
        "catalog": sorted(
            f"{database}.{table['Name']}"
            for database in ("default", "private")
            for table in glue.get_tables(DatabaseName=database)["TableList"]
        ),
        "keys": [
            tag["TagValue"]
            for key in keys
            if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
            for tag in kms.list_resource_tags(KeyId=key)["Tags"]
        ],
    }


EVERYTHING = {
    "buckets": ["diary", "other-data", "shop-data"],
    "records": ["other-records", "shop-records"],
    "catalog": ["default.forecast", "default.train", "private.diary", "private.mine"],
    "keys": ["shop", "shop-2"],
}
OF_OTHERS = {
    "buckets": ["diary", "other-data"],
    "records": ["other-records"],
    "catalog": ["default.forecast", "private.diary", "private.mine"],
    "keys": ["shop-2"],
}


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """What a person will type when asked."""

    def will_type(text: str) -> None:
        monkeypatch.setattr("builtins.input", lambda _question: text)

    return will_type


@pytest.mark.usefixtures("left")
def test_what_is_left_is_listed_and_goes_once_the_stacks_name_is_typed(
    typing: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert account() == EVERYTHING
    typing(" shop\n")
    assert main(["empty", "shop"]) == 0
    assert account() == OF_OTHERS
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "account 123456789012, us-east-1: left of the stack shop"
    assert lines[:3] == [
        f"  Glue table default.train: over {TRAIN}",
        "  DynamoDB table shop-records: 1 items, 0 bytes",  # moto does not measure
        "  bucket shop-data: 5 versions of objects, 2.5 KB, 1 delete markers",
    ]
    assert lines[3].startswith("  KMS key ")
    assert (
        lines[4]
        == "  not touched, since it lacks the stack's mark: Glue table private.mine, over s3://shop-data/exports/"
    )
    assert [line.split(" ")[0] for line in lines[5:]] == ["deleted"] * 4


@pytest.mark.usefixtures("left")
def test_anything_else_that_is_typed_deletes_nothing(
    typing: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    for typed in ("", "y", "shop-2"):
        typing(typed)
        assert main(["empty", "shop"]) == 1
        said = f"almanac: nothing was deleted: found {typed!r}, wanted the stack's name, shop (or --yes)"
        assert said in capsys.readouterr().err
    assert account() == EVERYTHING


@pytest.mark.usefixtures("left")
def test_a_script_is_not_asked_and_a_second_time_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked(_question: str) -> Any:
        raise AssertionError("a script was asked")

    monkeypatch.setattr("builtins.input", asked)
    assert main(["empty", "shop", "--yes"]) == 0
    assert account() == OF_OTHERS
    capsys.readouterr()
    assert main(["empty", "shop", "--yes"]) == 0
    assert capsys.readouterr().out == "account 123456789012, us-east-1: nothing is left of the stack shop\n"


@pytest.mark.usefixtures("left")
def test_a_stack_that_is_there_keeps_what_it_works_with(capsys: pytest.CaptureFixture[str]) -> None:
    template = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    boto3.client("cloudformation").create_stack(StackName="shop", TemplateBody=template)
    assert main(["empty", "shop", "--yes"]) == 1
    assert "stack shop is there (CREATE_COMPLETE)" in capsys.readouterr().err
    assert account() == EVERYTHING
    boto3.client("cloudformation").delete_stack(StackName="shop")
    assert main(["empty", "shop", "--yes"]) == 0
    assert account() == OF_OTHERS


def test_all_that_outlives_the_stack_or_goes_late_has_its_mark() -> None:
    assert MARK_OF_GLUE_TABLES == MARK_THAT_IS_LOOKED_FOR
    outliving = {
        name: body["Properties"].get("Tags")
        for name, body in project_template()["Resources"].items()
        if body.get("DeletionPolicy") == "Retain" or body["Type"] == "AWS::KMS::Key"
    }
    mark = [{"Key": "almanac_stack", "Value": {"Ref": "AWS::StackName"}}]
    assert outliving == dict.fromkeys(
        ["DataBucket", "ServiceBucket", "AthenaBucket", "RecordsTable", "NotificationKey"], mark
    )
