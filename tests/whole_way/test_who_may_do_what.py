"""Who may do what: a role of one's own at the two addresses of the service, and what it may name there."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local_aws.embedded.deployment import Deployment
from tests.whole_way.stack import Stack, eventually

NAME = "who_may_do_what"
SCHEMA = {
    "Attributes": [
        {"AttributeName": "item_id", "AttributeType": "string"},
        {"AttributeName": "timestamp", "AttributeType": "timestamp"},
        {"AttributeName": "target_value", "AttributeType": "float"},
    ]
}


class Person:
    """One who has become a role that has some of the stack's managed policies."""

    def __init__(self, deployment: Deployment, name: str, *policies: str) -> None:
        self.deployment, self.name = deployment, name
        self.iam = deployment.client("iam")
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]
        self.grant(*policies)
        sts = deployment.client("sts")
        self.keys = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="ann")["Credentials"]
        self.arn = f"arn:aws:sts::000000000000:assumed-role/{name}/ann"

    def grant(self, *policies: str) -> None:
        for policy in policies:
            self.iam.attach_role_policy(RoleName=self.name, PolicyArn=self.deployment.outputs[f"{policy}Arn"])

    def forecast(self, output: str) -> Any:
        """A client of the address that an output of the stack names."""
        host = self.deployment.outputs[output].removeprefix("https://").partition(".")[0]
        return boto3.client(
            "forecast",
            region_name="us-east-1",
            endpoint_url=f"{self.deployment.endpoint}/_aws/lambda-url/{host}/",
            aws_access_key_id=self.keys["AccessKeyId"],
            aws_secret_access_key=self.keys["SecretAccessKey"],
            aws_session_token=self.keys["SessionToken"],
        )


@pytest.fixture
def analyst(deployed: Deployment) -> Person:
    return Person(deployed, "Analyst", "CallForecastServicePolicy")


@pytest.fixture(scope="module")
def dataset(stack: Stack) -> Iterator[str]:
    arn = stack.forecast.create_dataset(
        DatasetName=NAME, Domain="CUSTOM", DatasetType="TARGET_TIME_SERIES", DataFrequency="D", Schema=SCHEMA
    )["DatasetArn"]
    yield arn
    # An import has to end first.
    eventually(lambda: stack.forecast.describe_dataset(DatasetArn=arn)["Status"] == "ACTIVE" or None)
    stack.forecast.delete_resource_tree(ResourceArn=arn)


def test_a_role_is_named_by_those_alone_who_may_pass_it(stack: Stack, dataset: str, analyst: Person) -> None:
    client, role = analyst.forecast("ForecastApiUrl"), stack.deployment.outputs["DataRoleArn"]
    source = {"S3Config": {"Path": f"s3://{stack.bucket}/train/", "RoleArn": role}}
    request = {"DatasetArn": dataset, "DatasetImportJobName": "by_an_analyst", "DataSource": source}
    with pytest.raises(ClientError) as refusal:
        client.create_dataset_import_job(**request)
    assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"
    found = f"User: {analyst.arn} is not authorized to perform: iam:PassRole on resource: {role} "
    assert refusal.value.response["Error"]["Message"].startswith(found)
    of_dataset = {"Key": "DatasetArn", "Value": dataset, "Condition": "IS"}
    assert stack.forecast.list_dataset_import_jobs(Filters=[of_dataset])["DatasetImportJobs"] == []
    analyst.grant("PassDataRolePolicy")
    job = client.create_dataset_import_job(**request)["DatasetImportJobArn"]
    created_by = {"Key": "aws:almanac:created-by", "Value": analyst.arn}
    assert client.list_tags_for_resource(ResourceArn=job)["Tags"] == [created_by]


def test_the_address_for_reading_reads_and_is_the_only_one_for_its_policy(stack: Stack, dataset: str) -> None:
    reader = Person(stack.deployment, "Reader", "ReadForecastServicePolicy")
    client = reader.forecast("ForecastReadUrl")
    assert client.describe_dataset(DatasetArn=dataset)["DatasetName"] == NAME
    assert NAME in [found["DatasetName"] for found in client.list_datasets()["Datasets"]]
    with pytest.raises(ClientError, match=rf"AccessDenied.*{reader.arn} is not authorized.*forecast:DeleteDataset at"):
        client.delete_dataset(DatasetArn=dataset)
    with pytest.raises(ClientError, match=r"AccessDenied.*lambda:InvokeFunctionUrl"):
        reader.forecast("ForecastApiUrl").list_datasets()
