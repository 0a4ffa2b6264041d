"""Every right of every role is used by a call of the whole-way tests, or there is a reason why none of them uses it."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.project.expanded_template import expanded_template
from tests.project.resolved_template import project_template, resolved
from tests.whole_way.rights import known_rights

PROJECT = Path(__file__).parent.parent.parent
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
EVERYTHING = {  # what else has roles
    "ForecastService": "Amazon",
    "NotebookInstanceType": "ml.t3.medium",
    "QuickSightPrincipalArn": "arn:aws:quicksight:us-east-1:123456789012:user/default/name",
}
BY_AWS = "arn:aws:iam::aws:policy/"  # policies of AWS's own: logs and traces

LOGS = (
    "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery logs:DeleteLogDelivery logs:ListLogDeliveries "
    "logs:PutResourcePolicy logs:DescribeResourcePolicies logs:DescribeLogGroups"
)
TAKING = "sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes"
CHILDREN = "states:StartExecution states:DescribeExecution states:StopExecution"
RUNS_CHILDREN = "Step Functions starts, watches and stops the children of a distributed map by itself"
DELIVERS_LOGS = "Step Functions delivers its logs by itself"
TAKES_BY_ITSELF = "Lambda takes events out of the queue by itself"
FAILS_MIDWAY = "boto3 takes back an upload in parts that fails midway"
SELECTS = "params.json may name the data role for a selection of series"
NEVER_USED = [  # role, actions, what needs them
    ("DataRole", "s3:AbortMultipartUpload", FAILS_MIDWAY),
    ("DataRole", "s3:DeleteObject", "an export that fails takes its files back, a repeated one the mark of its end"),
    ("DataRole", "s3:GetBucketLocation", "Amazon Forecast asks for it where ForecastService is Amazon"),
    ("ForecastApiFunctionRole", "dynamodb:DeleteItem", "a job that cannot be started leaves no record"),
    (
        "ForecastApiFunctionRole",
        "s3:ListBucket",
        "with it S3 says NoSuchKey of what is not there, without it AccessDenied",
    ),
    (
        "ForecastReadFunctionRole",
        "s3:GetObject s3:ListBucket",
        "queries and accuracy, which the other address answers in the tests by the same code",
    ),
    (
        "ApproveForecastFunctionRole",
        "s3:GetObject s3:PutObject s3:DeleteObject s3:ListBucket sns:Publish states:SendTaskSuccess",
        "nobody is asked in those tests; tests/functions/test_approve_forecast.py asks and decides",
    ),
    ("ForecastJobRole", LOGS, DELIVERS_LOGS),
    ("ForecastJobRole", CHILDREN, RUNS_CHILDREN),
    ("ForecastPipelineRole", LOGS, DELIVERS_LOGS),
    ("ForecastPipelineRole", CHILDREN, RUNS_CHILDREN),
    ("ForecastWorkerFunctionRole", "s3:AbortMultipartUpload", FAILS_MIDWAY),
    (
        "GlueRole",
        "s3:ListBucket s3:GetBucketLocation s3:GetObject s3:PutObject s3:DeleteObject s3:AbortMultipartUpload "
        "glue:GetDatabase glue:GetTable glue:GetTables glue:CreateTable glue:UpdateTable glue:GetPartition "
        "glue:GetPartitions glue:BatchGetPartition glue:BatchCreatePartition glue:UpdatePartition "
        "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents",
        "on the embedded AWS the job and the crawler act as the account's root",
    ),
    ("PlanPreparationFunctionRole", TAKING, TAKES_BY_ITSELF),
    ("PublishForecastFunctionRole", "s3:AbortMultipartUpload", FAILS_MIDWAY),
    ("PublishForecastFunctionRole", "glue:DeleteTable", "a table that is new goes again after a failure"),
    (
        "PublishRunFunctionRole",
        "glue:CreateTable glue:DeleteTable",
        "a table of the run that is there no more comes back",
    ),
    ("RawDataPreparationRole", LOGS, DELIVERS_LOGS),
    (
        "RawDataPreparationRole",
        "glue:GetJobRuns glue:BatchStopJobRun",
        "Step Functions stops a stopped task's job by itself",
    ),
    (
        "RestoreLatestFunctionRole",
        "s3:ListBucket s3:GetObject s3:PutObject s3:DeleteObject "
        "glue:GetTable glue:CreateTable glue:UpdateTable glue:DeleteTable",
        "publishing fails in none of those tests; tests/functions/faults fail it at every call",
    ),
    ("CreateForecastFunctionRole", "iam:PassRole", SELECTS),
    ("TrainPredictorFunctionRole", "iam:PassRole", SELECTS),
    ("StartPipelineFunctionRole", TAKING, TAKES_BY_ITSELF),
]


def granted(**parameters: str) -> dict[str, set[str]]:
    """The actions of each role of a stack, those of its managed policies of AWS's own left out."""
    made = resolved(expanded_template(project_template()), **parameters)["Resources"]
    roles = {name: body["Properties"] for name, body in made.items() if body["Type"] == "AWS::IAM::Role"}
    documents = {
        name: [policy["PolicyDocument"] for policy in body.get("Policies", [])] for name, body in roles.items()
    }
    for name, body in roles.items():
        attached = [arn for arn in body.get("ManagedPolicyArns", []) if not arn.startswith(BY_AWS)]
        documents[name] += [made[policy]["Properties"]["PolicyDocument"] for policy in attached]
    for body in made.values():
        if body["Type"] == "AWS::IAM::Policy":
            for role in body["Properties"]["Roles"]:
                documents[role].append(body["Properties"]["PolicyDocument"])
    return {name: {action for document in found for action in actions(document)} for name, found in documents.items()}


def actions(document: dict[str, Any]) -> list[str]:
    return [action for statement in listed(document["Statement"]) for action in listed(statement["Action"])]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.fixture(scope="module")
def rights() -> dict[str, set[str]]:
    """`granted`, worked out once."""
    return granted()


def test_what_the_whole_way_tests_use_is_granted(rights: dict[str, set[str]]) -> None:
    missing = {role: known - rights.get(role, set()) for role, known in known_rights().items()}
    assert {role: actions for role, actions in missing.items() if actions} == {}


def test_a_right_that_they_never_use_has_a_reason(rights: dict[str, set[str]]) -> None:
    known, reasoned = known_rights(), {(role, action) for role, names, _ in NEVER_USED for action in names.split()}
    unused = {(role, action) for role, found in rights.items() for action in found - known.get(role, set())}
    assert unused == reasoned


@pytest.mark.parametrize("document", ["deploy.md", "deploy.ko.md"])
def test_the_prefixes_of_the_data_role_are_told(document: str) -> None:
    """The paragraph names those that are read, then those that are written."""
    role = resolved(project_template())["Resources"]["DataRole"]["Properties"]
    (policy,) = role["Policies"]
    statements = {each["Sid"]: listed(each["Resource"]) for each in policy["PolicyDocument"]["Statement"]}
    read, written = (
        [resource.removeprefix("DataBucket.Arn/").removesuffix("*") for resource in statements[sid]]
        for sid in ("Read", "WriteExports")
    )
    text = (PROJECT / "docs" / document).read_text("utf-8")
    (paragraph,) = (each for each in text.split("\n\n") if "`DataRoleArn`" in each and "`imports/`" in each)
    assert re.findall(r"`([a-z_/]+/)`", paragraph)[: len(read) + len(written)] == [*read, *sorted(written)]


def test_without_a_key_of_ones_own_no_role_may_use_a_key(rights: dict[str, set[str]]) -> None:
    made = resolved(project_template())["Resources"]
    assert [name for name, body in made.items() if body["Type"] == "AWS::KMS::Key"] == []
    assert {role for role, found in rights.items() if any(action.startswith("kms:") for action in found)} == set()
    queue, topic = made["UndeliveredEvents"]["Properties"], made["NotificationTopic"]["Properties"]
    assert (queue["SqsManagedSseEnabled"], "KmsMasterKeyId" in queue, "KmsMasterKeyId" in topic) == (True, False, False)


@pytest.mark.parametrize("others", [{}, EVERYTHING], ids=["default", "everything"])
def test_a_key_for_buckets_is_used_by_the_roles_that_get_or_put_objects_and_by_no_other(others: dict[str, str]) -> None:
    for role, found in granted(BucketKeyArn=KEY_ARN, **others).items():
        wanted = {"kms:Decrypt"} if "s3:GetObject" in found else set()
        wanted |= {"kms:Decrypt", "kms:GenerateDataKey"} if "s3:PutObject" in found else set()
        assert {action for action in found if action.startswith("kms:")} == wanted, role


def test_a_key_for_buckets_encrypts_the_three_buckets_and_athenas_results() -> None:
    made = resolved(project_template(), BucketKeyArn=KEY_ARN)["Resources"]
    for bucket in ("DataBucket", "ServiceBucket", "AthenaBucket"):
        (rule,) = made[bucket]["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN}
        assert rule["BucketKeyEnabled"] is True
    results = made["AthenaWorkgroup"]["Properties"]["WorkGroupConfiguration"]["ResultConfiguration"]
    assert results["EncryptionConfiguration"] == {"EncryptionOption": "SSE_KMS", "KmsKey": KEY_ARN}


def test_a_key_for_notifications_is_used_by_who_sends_to_the_topic_or_to_a_queue() -> None:
    rights = granted(EncryptNotifications="true")
    sending = {role for role, found in rights.items() if found & {"sns:Publish", "sqs:SendMessage"}}
    assert {role for role, found in rights.items() if {"kms:Decrypt", "kms:GenerateDataKey"} <= found} == sending
    made = resolved(project_template(), EncryptNotifications="true")["Resources"]
    assert made["UndeliveredEvents"]["Properties"]["KmsMasterKeyId"] == "NotificationKey"
    assert made["NotificationTopic"]["Properties"]["KmsMasterKeyId"] == "NotificationKey"
    assert "SqsManagedSseEnabled" not in made["UndeliveredEvents"]["Properties"]
