"""The bucket that start_pipeline watches, the events of its queue, and the executions that it starts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from moto.core import DEFAULT_ACCOUNT_ID
from moto.stepfunctions.models import stepfunctions_backends

BUCKET = "almanac-data"
WORKSHOP = Path(__file__).parent.parent / "forecast_pipeline" / "parameters" / "workshop_params.json"
HOURLY = b"2014-01-01 01:00:00,38.35,client_12\n2014-01-01 02:00:00,33.58,client_12\n"
RAW = b"timestamp,item_id,target_value\n2018/01/01,item_001,12\n2018/01/02,item_001,9\n"
Step = Callable[[dict[str, Any]], Any]


def file_event(batch: dict[str, Any]) -> dict[str, Any]:
    """EventBridge's event in the first record of a batch."""
    event: dict[str, Any] = json.loads(batch["Records"][0]["body"])
    return event


def batch_of(events: dict[str, Any]) -> dict[str, Any]:
    """The batch of a queue that holds an event, or whatever was sent, per record."""
    return {"Records": [{"messageId": name, "body": json.dumps(body)} for name, body in events.items()]}


def put_in_parts(s3: Any, bucket: str, key: str, body: bytes) -> None:
    """Upload an object as clients upload large ones; its ETag is then no MD5 of its bytes."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    where = {"Bucket": bucket, "Key": key, "UploadId": upload}
    part = s3.upload_part(**where, PartNumber=1, Body=body)["ETag"]
    s3.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"ETag": part, "PartNumber": 1}]})


class Pipeline:
    """The bucket, the state machine, and start_pipeline between them."""

    def __init__(self, handler: Step, machine_arn: str) -> None:
        self.start = handler
        self.s3 = boto3.client("s3")
        self.states = boto3.client("stepfunctions")
        self.machine_arn = machine_arn

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def parameters(self, **members: Any) -> None:
        """The workshop's params.json, with these members in place of its own."""
        self.put("params.json", json.dumps(json.loads(WORKSHOP.read_text()) | members).encode())

    def executions(self) -> list[str]:
        pages = self.states.list_executions(stateMachineArn=self.machine_arn)["executions"]
        return sorted(execution["name"] for execution in pages)

    def document(self, name: str) -> dict[str, Any]:
        arn = f"{self.machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
        document: dict[str, Any] = json.loads(self.states.describe_execution(executionArn=arn)["input"])
        return document

    def end(self, name: str, status: str) -> None:
        """Let an execution end; moto keeps it RUNNING for ever."""
        (machine,) = stepfunctions_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].state_machines
        (execution,) = (execution for execution in machine.executions if execution.name == name)
        execution.status = status


class Preparation:
    """The bucket, the machine of preparations, and the two functions of raw data."""

    def __init__(self, plan: Step, replace: Step, machine_arn: str) -> None:
        self.plan = plan
        self.replace = replace
        self.bucket = Pipeline(plan, machine_arn)

    def keys(self, prefix: str = "") -> list[str]:
        listed = self.bucket.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return [entry["Key"] for entry in listed]

    def body(self, key: str) -> bytes:
        return self.bucket.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def document(self) -> dict[str, Any]:
        """The document that a start now leads to."""
        return self.bucket.document(self.plan({})["Run"])

    def work(self, document: dict[str, Any], parts: dict[str, bytes]) -> None:
        """What the job would leave: parts by folder, and counts."""
        run = document["Run"]["Id"]
        for number, (folder, body) in enumerate(parts.items()):
            self.bucket.put(f"tmp/prepared/{run}/{folder}part-{number:05}-c000.txt", body)
            self.bucket.put(f"tmp/prepared/{run}/{folder}_SUCCESS", b"")
        targets = {output["Target"] for output in document["Plan"]["Outputs"]}
        counts = [{"Target": target, "Read": 3, "Used": 2, "LeftOut": 1, "Reasons": {"x": 1}} for target in targets]
        self.bucket.put(f"quarantine/{run}/counts/part-00000.txt", json.dumps(counts).encode())
