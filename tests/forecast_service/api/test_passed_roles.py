"""A role in a request is for those alone who may pass it: what IAM is asked, and what its answer means."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from forecast_service.api.caller import Caller, caller_of
from forecast_service.api.passed_roles import PassedRoles
from forecast_service.records.errors import AccessDeniedException

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Data"
ANALYST = Caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/Analyst/ann", ACCOUNT)
USER = Caller(f"arn:aws:iam::{ACCOUNT}:user/people/bob", ACCOUNT)
ROOT = Caller(f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
REQUEST = {"DataSource": {"S3Config": {"Path": "s3://data/a.csv", "RoleArn": ROLE}}}


class Iam:
    """IAM, where Analyst has a path, and simulations end as ``decision`` says: a word, or the code of an error."""

    def __init__(self, decision: str) -> None:
        self.decision = decision
        self.simulated: list[dict[str, Any]] = []

    def get_role(self, RoleName: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        return {"Role": {"Arn": f"arn:aws:iam::{ACCOUNT}:role/staff/{RoleName}"}}

    def simulate_principal_policy(self, **request: Any) -> dict[str, Any]:
        self.simulated.append(request)
        if self.decision[0].isupper():
            raise ClientError({"Error": {"Code": self.decision}}, "SimulatePrincipalPolicy")
        return {"EvaluationResults": [{"EvalActionName": "iam:PassRole", "EvalDecision": self.decision}]}


@pytest.fixture
def roles_with() -> Callable[[Iam], PassedRoles]:
    def roles_with(iam: Iam) -> PassedRoles:
        roles = PassedRoles()
        roles.__dict__["_iam"] = iam
        return roles

    return roles_with


def test_iam_is_asked_of_the_role_behind_a_session_whether_it_may_pass_the_role_to_amazons_service(
    roles_with: Callable[[Iam], PassedRoles],
) -> None:
    iam = Iam("allowed")
    roles_with(iam).refuse_unless_allowed(ANALYST, REQUEST)
    service = {
        "ContextKeyName": "iam:PassedToService",
        "ContextKeyValues": ["forecast.amazonaws.com"],
        "ContextKeyType": "string",
    }
    assert iam.simulated == [
        {
            "PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:role/staff/Analyst",
            "ActionNames": ["iam:PassRole"],
            "ResourceArns": [ROLE],
            "ContextEntries": [service],
        }
    ]


def test_what_is_allowed_is_asked_once_for_each_caller_and_role(roles_with: Callable[[Iam], PassedRoles]) -> None:
    iam = Iam("allowed")
    roles = roles_with(iam)
    for caller in (ANALYST, ANALYST, USER, USER):
        roles.refuse_unless_allowed(caller, REQUEST)
    assert [asked["PolicySourceArn"].rpartition("/")[2] for asked in iam.simulated] == ["Analyst", "bob"]


@pytest.mark.parametrize("decision", ["implicitDeny", "explicitDeny", "NoSuchEntity", "InvalidInput"])
def test_who_may_not_pass_a_role_is_refused_by_name_each_time_anew(
    decision: str, roles_with: Callable[[Iam], PassedRoles]
) -> None:
    iam = Iam(decision)
    roles = roles_with(iam)
    for _ in range(2):
        with pytest.raises(AccessDeniedException) as refusal:
            roles.refuse_unless_allowed(USER, REQUEST)
    assert refusal.value.message == (
        f"User: {USER.arn} is not authorized to perform: iam:PassRole on resource: {ROLE}"
        " (wanted a policy that allows it, with iam:PassedToService forecast.amazonaws.com)"
    )
    assert len(iam.simulated) == 2


@pytest.mark.parametrize(
    "caller",
    [
        Caller(),
        Caller("arn:aws:iam::210987654321:user/bob", "210987654321"),
        Caller("arn:aws:iam::210987654321:root", "210987654321"),
        Caller(ROOT.arn, "210987654321"),
    ],
)
def test_nobody_unknown_and_no_other_account_passes_a_role_and_iam_is_not_asked(
    caller: Caller, roles_with: Callable[[Iam], PassedRoles]
) -> None:
    iam = Iam("allowed")
    with pytest.raises(AccessDeniedException, match=f"^User: {caller.arn or 'unknown'} is not authorized.*{ROLE}"):
        roles_with(iam).refuse_unless_allowed(caller, REQUEST)
    assert iam.simulated == []


def test_the_accounts_root_may_pass_every_role_of_it(roles_with: Callable[[Iam], PassedRoles]) -> None:
    iam = Iam("implicitDeny")
    roles_with(iam).refuse_unless_allowed(ROOT, REQUEST)
    assert iam.simulated == []


def test_a_fault_of_iam_is_no_answer(roles_with: Callable[[Iam], PassedRoles]) -> None:
    with pytest.raises(ClientError):
        roles_with(Iam("Throttling")).refuse_unless_allowed(USER, REQUEST)


def test_a_request_without_a_role_needs_none(roles_with: Callable[[Iam], PassedRoles]) -> None:
    iam = Iam("implicitDeny")
    roles_with(iam).refuse_unless_allowed(Caller(), {"DatasetGroupName": "g", "Tags": [{"Key": "a", "Value": "b"}]})
    assert iam.simulated == []


def test_the_caller_is_who_iam_says_it_is() -> None:
    told = {"userArn": ANALYST.arn, "accountId": ACCOUNT, "cognitoIdentity": None}
    assert caller_of({"requestContext": {"authorizer": {"iam": told}}}) == ANALYST
    assert caller_of({"headers": {"x-caller": ROOT.arn}}) == Caller()
