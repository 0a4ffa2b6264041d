"""IAM on the embedded AWS: each call of a function and each task of a state machine is asked of its role.

ministack evaluates policies itself once AUTH is set: a function's process has credentials of its role, AssumeRole gives
some of the role that was assumed, and a call that no policy allows is answered as the service would answer it. Whoever
comes with the key `test` is the account's root and may do everything. What ministack leaves out is asked here: Glue's
catalog and table, the second right to a function URL, the key of an encrypted topic, what a state machine does, and the
service that a role is passed to.

Like `hooks.py` this replaces names of the pinned version of ministack, and `tests/local_aws/embedded/test_iam.py`
fails when one of them has moved. Only `server.py` imports this.
"""

import functools
import json
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam as iam_service
from ministack.services import kms, sns, stepfunctions, sts
from ministack.services.cloudformation import provisioners

URL_ACTION = "lambda:InvokeFunctionUrl"
KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")  # to send to an encrypted topic
PERMISSIONS = "States.Permissions"  # Step Functions' error for what its role may not do
GLUE = "arn:aws:glue:{}:{}:{}"
TASK_ACTIONS = {  # by the beginning of a task's resource: the action, and what names the resource it is on
    "arn:aws:states:::glue:startJobRun": ("glue:StartJobRun", "JobName", "job"),
    "arn:aws:states:::aws-sdk:glue:startCrawler": ("glue:StartCrawler", "Name", "crawler"),
    "arn:aws:states:::aws-sdk:glue:getCrawler": ("glue:GetCrawler", "Name", "crawler"),
}

INVOKE = "arn:aws:states:::lambda:invoke"
SYNC_ACTIONS = ("glue:GetJobRun",)  # what a task that waits for its job asks after it

_machine_role: ContextVar[str] = ContextVar("machine_role")
_machine: ContextVar[str] = ContextVar("machine")
_waiting_machines: dict[str, str] = {}  # token of a task that waits -> its machine
_glue_resources: ContextVar[tuple[str, ...]] = ContextVar("glue_resources", default=())


class Record:
    """What IAM was asked: a line of JSON for each role, action and answer, with the resource where it was denied."""

    def __init__(self, path: Path) -> None:
        self._path, self._known = path, set[tuple[str, str, str]]()

    def add(self, principal: str, action: str, denied_resource: str) -> None:
        """Write the line once, and none for the account's root. An allowed call has no ``denied_resource``."""
        if not principal:
            return
        role = principal.split("/")[1]
        line = (role, action, denied_resource)
        if line not in self._known:
            self._known.add(line)
            with self._path.open("a") as file:
                file.write(json.dumps({"role": role, "action": action, "denied": denied_resource}) + "\n")


def install(record: Path) -> None:
    """Replace what must be replaced. ``record`` is the file of `Record`."""
    asked = Record(record)
    _read_each_policy_once()
    _count_as_encrypted()
    _keep_the_keys_of_topics()
    _ask_each_request(asked)
    _ask_each_task(asked)
    _simulate_with_context(asked)


def _read_each_policy_once() -> None:
    """ministack reads the policies of a role for each call anew, which takes longer than evaluating them."""
    read = functools.cache(iam_evaluator.parse_policy_document)

    def read_once(document: str | dict[str, Any]) -> Any:
        return read(document if isinstance(document, str) else json.dumps(document))

    iam_evaluator.parse_policy_document = read_once


def _count_as_encrypted() -> None:
    """A request over HTTP counts as one over TLS, which it would be in the cloud: policies refuse all else."""
    pin = app.pin_request_origin
    app.pin_request_origin = lambda address, _encrypted: pin(address, True)


def _ask_each_request(record: Record) -> None:
    enforce, resource_of = iam_evaluator.enforce, iam_actions.extract_resource_arn

    def extract_resource_arn(service: str, *request: Any) -> str:
        arn: str = resource_of(service, *request)
        _, _, _, body, query, region, account = request
        if service == "states" and (machine := _waiting_machines.get(token_of(body))):
            return machine
        if service == "states" and arn == "*":  # of ListExecutions, say
            return str(json.loads(body or b"{}").get("mapRunArn", arn))
        if service == "glue":
            _glue_resources.set(glue_resources(body, region, account, arn))
        return simulated_principal(body, query) or arn if service == "iam" else arn

    def enforce_each(  # noqa: PLR0917 - as ministack calls it
        key: str, action: str, service: str, region: str, resource_arn: str = "*", service_context: Any = None
    ) -> Any:
        resources = _glue_resources.get() if service == "glue" else (resource_arn,)
        rights = [(action, resource, service_context) for resource in resources]
        if action == URL_ACTION and key:  # since October 2025 a signed call of a function URL needs both
            rights.append(("lambda:InvokeFunction", resource_arn, {"lambda:InvokedViaFunctionUrl": "true"}))
        if action == "sns:Publish":
            rights += [(use, key_arn, None) for key_arn in topic_keys(resource_arn) for use in KEY_ACTIONS]
        for right, resource, context in rights:
            denied = enforce(key, right, service, region, resource, context)
            record.add(principal_of(key), right, resource if denied else "")
            if denied:
                return denied
        return None

    iam_actions.extract_resource_arn, iam_evaluator.enforce = extract_resource_arn, enforce_each


def principal_of(key: str) -> str:
    """The ARN of whom an access key belongs to; empty for the account's root and for a key that nobody has."""
    session = sts._sessions.get(key, {})
    return str(session.get("Arn", ""))


def glue_resources(body: bytes, region: str, account: str, otherwise: str) -> tuple[str, ...]:
    """What Glue asks IAM about for a request: of a table its catalog and database, too; else ``otherwise``."""
    given = json.loads(body or b"{}")
    database = given.get("DatabaseName") or given.get("DatabaseInput", {}).get("Name")
    if database is None:
        return (otherwise,)
    table = given.get("TableInput", given).get("Name", "*")
    names = ["catalog", f"database/{database}", *([] if "DatabaseInput" in given else [f"table/{database}/{table}"])]
    return tuple(GLUE.format(region, account, name) for name in names)


def simulated_principal(body: bytes, query: dict[str, Any]) -> str:
    """The user or role whose policies a request to IAM wants simulated; empty for other requests."""
    given = {**parse_qs(body.decode(errors="replace")), **query}
    found = given.get("PolicySourceArn", "")
    return str(found[0] if isinstance(found, list) else found)


def topic_keys(topic_arn: str) -> list[str]:
    """The ARNs of the key that encrypts a topic: of none, or of one."""
    identifier = sns._topics.get(topic_arn, {}).get("attributes", {}).get("KmsMasterKeyId")
    key = kms._keys.get(identifier)
    return [key["Arn"]] if key else []


def _keep_the_keys_of_topics() -> None:
    """CloudFormation's topics name their key, as those of CreateTopic do."""
    kind = provisioners._RESOURCE_HANDLERS["AWS::SNS::Topic"]
    create = kind["create"]

    def create_with_key(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        arn, attributes = create(logical_id, properties, stack)
        sns._topics[arn]["attributes"]["KmsMasterKeyId"] = properties.get("KmsMasterKeyId", "")
        return arn, attributes

    kind["create"] = create_with_key


def _ask_each_task(record: Record) -> None:
    """A task that its machine's role may not do ends with the error that Step Functions gives it."""
    execute, invoke = stepfunctions._execute_task, stepfunctions._invoke_resource
    invoke_and_wait = stepfunctions._invoke_with_callback

    def execute_task(state: Any, given: Any, execution: dict[str, Any], context: Any) -> Any:
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"])
        if machine:  # a child of a distributed map has its parent's role already
            _machine_role.set(machine["roleArn"])
            _machine.set(execution["stateMachineArn"])
        return execute(state, given, execution, context)

    def require_rights(resource: str, given: Any) -> None:
        role = _machine_role.get()
        for action, on in task_rights(resource, given):
            if not role_may(role, action, on):
                record.add(role, action, on)
                message = f"User: {role} is not authorized to perform: {action} on resource: {on}"
                raise stepfunctions._ExecutionError(PERMISSIONS, message)
            record.add(role, action, "")

    def invoke_resource(resource: str, given: Any) -> Any:
        require_rights(resource, given)
        return invoke(resource, given)

    def invoke_with_callback(resource: str, given: Any, token: str, state: dict[str, Any]) -> Any:
        require_rights(resource, given)
        _waiting_machines[token] = _machine.get()
        try:
            return invoke_and_wait(resource, given, token, state)
        finally:
            del _waiting_machines[token]

    stepfunctions._execute_task, stepfunctions._invoke_resource = execute_task, invoke_resource
    stepfunctions._invoke_with_callback = invoke_with_callback


def token_of(body: Any) -> str:
    """The token of a task that a request of Step Functions answers; "" for any other request."""
    try:
        return str(json.loads(body or b"{}").get("taskToken", ""))
    except (ValueError, AttributeError):
        return ""


def task_rights(resource: str, given: dict[str, Any]) -> list[tuple[str, str]]:
    """The (action, resource) pairs that a task needs."""
    if ":function:" in resource:
        return [("lambda:InvokeFunction", resource)]
    if resource.startswith(INVOKE):
        return [("lambda:InvokeFunction", given["FunctionName"])]
    found = next((row for start, row in TASK_ACTIONS.items() if resource.startswith(start)), None)
    if found is None:
        return []
    action, member, kind = found
    on = GLUE.format(get_region(), get_account_id(), f"{kind}/{given[member]}")
    actions = (action, *SYNC_ACTIONS) if resource.endswith(".sync") else (action,)
    return [(each, on) for each in actions]


def role_may(role: str, action: str, resource: str, **context: str) -> bool:
    """Whether a policy of the role (its ARN) allows the action on the resource, given these keys of conditions."""
    account, name = role.split(":")[4], role.rpartition("/")[2]
    asked = EvalContext(role, "AssumedRole", account, action, resource, get_region(), service_context=context)
    policies = iam_evaluator._gather_role_policies(name, account)
    return bool(iam_evaluator.evaluate(asked, policies).decision == "Allow")


def _simulate_with_context(record: Record) -> None:
    """SimulatePrincipalPolicy of a role for one action on one resource, with one key of conditions.

    ministack's own knows no keys, nor roles with a path.
    """

    def simulate(given: dict[str, Any]) -> Any:
        def member(name: str) -> str:
            return str(iam_service._p(given, name))

        role, action, resource = map(member, ("PolicySourceArn", "ActionNames.member.1", "ResourceArns.member.1"))
        entry = "ContextEntries.member.1.ContextKey"
        context = {member(f"{entry}Name").lower(): member(f"{entry}Values.member.1")}
        allowed = role_may(role, action, resource, **context)
        if allowed:  # who may not has not been denied anything: it was only asked
            record.add(role, action, "")
        decision = "allowed" if allowed else "implicitDeny"
        result = f"<EvalActionName>{action}</EvalActionName><EvalDecision>{decision}</EvalDecision>"
        answer = f"<EvaluationResults><member>{result}</member></EvaluationResults><IsTruncated>false</IsTruncated>"
        named = f"<SimulatePrincipalPolicyResult>{answer}</SimulatePrincipalPolicyResult>"
        return iam_service._xml(200, "SimulatePrincipalPolicyResponse", named, ns="iam")

    iam_service._IAM_HANDLERS["SimulatePrincipalPolicy"] = simulate
