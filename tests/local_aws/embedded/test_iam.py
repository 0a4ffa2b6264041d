"""IAM on the embedded AWS: what a request and a task need, and that ministack is still asked where we ask it."""

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import iam as iam_service
from ministack.services import kms, sns, stepfunctions, sts
from ministack.services.cloudformation import provisioners

from local_aws.embedded import iam

ACCOUNT, REGION = "000000000000", "us-east-1"
KEY = "ASIAREADER"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:mails"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:step"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
GLUE = f"arn:aws:glue:{REGION}:{ACCOUNT}"


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """ministack as `iam.py` leaves it, with one role and its session; the file of what was asked."""
    for owner, name in (
        (app, "pin_request_origin"),
        (iam_evaluator, "enforce"),
        (iam_evaluator, "parse_policy_document"),
        (iam_actions, "extract_resource_arn"),
        (iam_service, "_IAM_HANDLERS"),
        (stepfunctions, "_execute_task"),
        (stepfunctions, "_invoke_resource"),
    ):
        kept = getattr(owner, name)
        monkeypatch.setattr(owner, name, dict(kept) if isinstance(kept, dict) else kept)
    monkeypatch.setitem(provisioners._RESOURCE_HANDLERS, "AWS::SNS::Topic", {"create": provisioners._sns_create})
    monkeypatch.setattr(stepfunctions, "_invoke_resource", lambda resource, given: "done")
    session = {"Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/step", "SecretAccessKey": "s", "SessionToken": "t"}
    monkeypatch.setitem(sts._sessions, KEY, session)
    iam.install(tmp_path / "record")
    yield tmp_path / "record"
    iam_service._roles.pop("reader", None)
    sns._topics.pop(TOPIC, None)
    kms._keys.pop("key", None)


def may(*statements: tuple[str | list[str], str | list[str], dict[str, Any]]) -> None:
    """Give the role this policy: (action, resource, condition)."""
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition}
            for action, resource, condition in statements
        ],
    }
    iam_service._roles["reader"] = {
        "RoleName": "reader",
        "Arn": ROLE,
        "InlinePolicies": {"Only": json.dumps(document)},
        "AttachedPolicies": [],
    }


def denied(action: str, service: str, resource: str, **context: str) -> bool:
    return iam_evaluator.enforce(KEY, action, service, REGION, resource, context) is not None


def asked(record: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in record.read_text().splitlines()]


def test_what_is_replaced_is_still_called_by_its_name() -> None:
    assert list(inspect.signature(iam_evaluator.enforce).parameters) == [
        "access_key_id", "iam_action", "service", "region", "resource_arn", "service_context",
    ]  # fmt: skip
    generic = inspect.getsource(app)
    assert "from ministack.core.iam_evaluator import AuthError, enforce, pin_request_caller" in generic
    assert "service, method, path, headers, body, routing_params, region, get_account_id()" in generic
    assert "denied = enforce(access_key, iam_action, service, extract_region(headers, query_params)," in generic
    assert "pin_request_origin((scope" in generic
    assert 'AUTH = os.environ.get("AUTH", "false").lower() == "true"' in generic
    assert list(inspect.signature(stepfunctions._execute_task).parameters) == [
        "state_def", "raw_input", "execution", "ctx",
    ]  # fmt: skip
    assert "_invoke_resource(resource, effective)" in inspect.getsource(stepfunctions._execute_task)
    assert provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]["create"] is provisioners._sns_create
    assert list(inspect.signature(iam_evaluator._gather_role_policies).parameters) == ["role_name", "account_id"]


def test_what_a_policy_allows_is_done_and_all_else_is_denied_and_recorded(record: Path) -> None:
    may(("s3:GetObject", "arn:aws:s3:::bucket/train/*", {}))
    assert not denied("s3:GetObject", "s3", "arn:aws:s3:::bucket/train/a.csv")
    assert not denied("s3:GetObject", "s3", "arn:aws:s3:::bucket/train/b.csv")
    assert denied("s3:GetObject", "s3", "arn:aws:s3:::bucket/history/a.csv")
    assert denied("s3:PutObject", "s3", "arn:aws:s3:::bucket/train/a.csv")
    assert asked(record) == [
        {"role": "reader", "action": "s3:GetObject", "denied": ""},
        {"role": "reader", "action": "s3:GetObject", "denied": "arn:aws:s3:::bucket/history/a.csv"},
        {"role": "reader", "action": "s3:PutObject", "denied": "arn:aws:s3:::bucket/train/a.csv"},
    ]


@pytest.mark.usefixtures("record")
def test_a_policy_is_read_once_however_it_is_kept() -> None:
    document = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
    (statement,) = iam_evaluator.parse_policy_document(document)
    assert statement.actions == ["s3:GetObject"]
    assert iam_evaluator.parse_policy_document(json.dumps(document))[0] is statement


def test_the_accounts_root_may_do_everything_and_is_not_recorded(record: Path) -> None:
    assert iam_evaluator.enforce("test", "s3:PutObject", "s3", REGION, "arn:aws:s3:::bucket/a") is None
    assert not record.exists()


@pytest.mark.parametrize(
    ("given", "resources"),
    [
        ({"DatabaseName": "db", "Name": "train"}, ["catalog", "database/db", "table/db/train"]),
        ({"DatabaseName": "db", "TableInput": {"Name": "train"}}, ["catalog", "database/db", "table/db/train"]),
        ({"DatabaseName": "db"}, ["catalog", "database/db", "table/db/*"]),
        ({"DatabaseInput": {"Name": "db"}}, ["catalog", "database/db"]),
        ({"JobName": "job"}, ["job/job"]),
    ],
)
def test_glue_asks_for_catalog_database_and_table(given: dict[str, Any], resources: list[str]) -> None:
    found = iam.glue_resources(json.dumps(given).encode(), REGION, ACCOUNT, f"{GLUE}:job/job")
    assert found == tuple(f"{GLUE}:{name}" for name in resources)


@pytest.mark.usefixtures("record")
def test_a_table_is_denied_where_the_catalog_is_missing() -> None:
    table = [f"{GLUE}:database/db", f"{GLUE}:table/db/train"]
    body = json.dumps({"DatabaseName": "db", "Name": "train"}).encode()
    may(("glue:GetTable", [f"{GLUE}:catalog", *table], {}))
    arn = iam_actions.extract_resource_arn("glue", "POST", "/", {}, body, {}, REGION, ACCOUNT)
    assert not denied("glue:GetTable", "glue", arn)
    may(("glue:GetTable", table, {}))
    assert denied("glue:GetTable", "glue", arn)


@pytest.mark.usefixtures("record")
def test_a_function_url_needs_both_rights() -> None:
    through_url = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
    of_type = {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}
    first = ("lambda:InvokeFunctionUrl", FUNCTION, of_type)
    context = {"lambda:FunctionUrlAuthType": "AWS_IAM"}
    may(first, ("lambda:InvokeFunction", FUNCTION, through_url))
    assert not denied("lambda:InvokeFunctionUrl", "lambda", FUNCTION, **context)
    may(first)
    assert denied("lambda:InvokeFunctionUrl", "lambda", FUNCTION, **context)


@pytest.mark.usefixtures("record")
def test_an_encrypted_topic_needs_its_key() -> None:
    kms._keys["key"] = {"Arn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/key"}
    properties = {"TopicName": "mails", "KmsMasterKeyId": "key"}
    provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]["create"]("Topic", properties, "stack")
    publish = ("sns:Publish", TOPIC, {})
    may(publish, (["kms:GenerateDataKey", "kms:Decrypt"], f"arn:aws:kms:{REGION}:{ACCOUNT}:key/key", {}))
    assert not denied("sns:Publish", "sns", TOPIC)
    may(publish)
    assert denied("sns:Publish", "sns", TOPIC)


@pytest.mark.usefixtures("record")
def test_a_task_that_the_machines_role_may_not_do_ends_with_step_functions_own_error() -> None:
    iam._machine_role.set(ROLE)
    may(("lambda:InvokeFunction", FUNCTION, {}))
    assert stepfunctions._invoke_resource(FUNCTION, {}) == "done"
    may(("lambda:InvokeFunction", f"{FUNCTION}-other", {}))
    with pytest.raises(stepfunctions._ExecutionError, match=f"^States.Permissions: .*{FUNCTION}"):
        stepfunctions._invoke_resource(FUNCTION, {})


@pytest.mark.parametrize(("service", "decision"), [("forecast.amazonaws.com", "allowed"), ("x", "implicitDeny")])
def test_a_simulation_knows_roles_with_a_path_and_the_service_that_a_role_is_passed_to(
    record: Path, service: str, decision: str
) -> None:
    may(("iam:PassRole", ROLE, {"StringEquals": {"iam:PassedToService": "forecast.amazonaws.com"}}))
    source = f"arn:aws:iam::{ACCOUNT}:role/staff/reader"
    given = {
        "PolicySourceArn": source,
        "ActionNames.member.1": "iam:PassRole",
        "ResourceArns.member.1": ROLE,
        "ContextEntries.member.1.ContextKeyName": "iam:PassedToService",
        "ContextEntries.member.1.ContextKeyValues.member.1": service,
    }
    status, _, body = iam_service._IAM_HANDLERS["SimulatePrincipalPolicy"](given)
    assert (status, f"<EvalDecision>{decision}</EvalDecision>".encode() in body) == (200, True)
    assert record.exists() == (decision == "allowed")
    assert iam.simulated_principal(urlencode(given).encode(), {}) == source


def test_a_task_of_glue_needs_its_action_and_waiting_needs_another() -> None:
    run, job = "arn:aws:states:::glue:startJobRun", {"JobName": "job"}
    assert iam.task_rights(run, job) == [("glue:StartJobRun", f"{GLUE}:job/job")]
    assert iam.task_rights(f"{run}.sync", job) == [
        ("glue:StartJobRun", f"{GLUE}:job/job"),
        ("glue:GetJobRun", f"{GLUE}:job/job"),
    ]
    crawl = "arn:aws:states:::aws-sdk:glue:startCrawler"
    assert iam.task_rights(crawl, {"Name": "all"}) == [("glue:StartCrawler", f"{GLUE}:crawler/all")]
