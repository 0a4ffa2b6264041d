"""`AWS::Forecast::Dataset` and `AWS::Forecast::DatasetGroup` of a template: CloudFormation asks the deployed service.

Like `hooks.py` this adds to a table of the pinned version of ministack. The service must stand before the stack that
has such resources: a stack cannot hold both, and is refused with a sentence.
"""

import json
from typing import Any

from ministack import app
from ministack.core.responses import get_region
from ministack.services.cloudformation import provisioners, stacks

from local_aws.embedded.forecast import requests

Document = dict[str, Any]
PREFIX = "AWS::Forecast::"
NOUNS = {"Dataset": "Arn", "DatasetGroup": "DatasetGroupArn"}  # kind -> the attribute that holds its ARN


def install() -> None:
    """Teach CloudFormation the two types."""
    for noun in NOUNS:
        provisioners._RESOURCE_HANDLERS[f"{PREFIX}{noun}"] = _handlers(noun)
    runs_on_worker_thread = stacks._runs_on_worker_thread
    # The service asks this server for records, so that the event loop must not wait for it.
    stacks._runs_on_worker_thread = lambda kind: kind.startswith(PREFIX) or runs_on_worker_thread(kind)


def _handlers(noun: str) -> Document:
    """What CloudFormation calls for a kind. A resource is its ARN."""

    def create(_logical_id: str, properties: Document, _stack: str) -> tuple[str, Document]:
        arn = _call(noun, f"Create{noun}", properties)[f"{noun}Arn"]
        return arn, {NOUNS[noun]: arn}

    def update(arn: str, before: Document, after: Document, stack: str) -> tuple[str, Document]:
        if before[f"{noun}Name"] != after[f"{noun}Name"]:
            made = create("", after, stack)
            delete(arn, before)
            return made
        if noun == "DatasetGroup" and {**before, "DatasetArns": 0} == {**after, "DatasetArns": 0}:
            _call(noun, "UpdateDatasetGroup", {"DatasetGroupArn": arn, "DatasetArns": after.get("DatasetArns", [])})
            return arn, {NOUNS[noun]: arn}
        changes = "DatasetArns alone can change" if noun == "DatasetGroup" else "nothing of it can change"
        raise ValueError(f"AWS::Forecast::{noun} {arn}: {changes}: give it another name")

    def delete(arn: str, _properties: Document) -> None:
        _call(noun, f"Delete{noun}", {f"{noun}Arn": arn})

    return {"create": create, "update": update, "delete": delete}


def _call(noun: str, operation: str, request: Document) -> Document:
    """The answer of the service to an operation. Raises ValueError with its reason, which the stack's events tell."""
    scope = f"test/20260101/{get_region()}/forecast/aws4_request"
    headers = {
        "x-amz-target": f"{requests.TARGETS['forecast']}.{operation}",
        "content-type": "application/x-amz-json-1.1",
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
    }
    status, _, body = app.call_service_handler_sync(
        requests.answer, "POST", "/", headers, json.dumps(request).encode(), {}
    )
    answer: Document = json.loads(body or b"{}")
    gone = operation.startswith("Delete") and answer.get("__type") == "ResourceNotFoundException"
    if status < 400 or gone:
        return answer
    reason = answer.get("Message") or answer.get("message")
    hint = " Deploy Almanac's own stack first." if reason == requests.NOT_DEPLOYED else ""
    raise ValueError(f"AWS::Forecast::{noun}: {reason}{hint}")
