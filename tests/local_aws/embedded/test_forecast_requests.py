"""The forecast service where others call it: tasks of state machines, templates, and clients that look at ids."""

import inspect
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError
from ministack import app
from ministack.core import router
from ministack.services import lambda_svc, stepfunctions
from ministack.services.cloudformation import provisioners, stacks

from local_aws.embedded.deployment import Deployment
from local_aws.embedded.forecast.requests import HeadersWithId
from local_aws.embedded.launcher import client as client_at
from local_aws.embedded.launcher import embedded_aws

DATASET = {
    "Type": "AWS::Forecast::Dataset",
    "Properties": {
        "DatasetName": "sales",
        "DatasetType": "TARGET_TIME_SERIES",
        "Domain": "CUSTOM",
        "DataFrequency": "D",
        "Schema": {"Attributes": [{"AttributeName": "item_id", "AttributeType": "string"}]},
    },
}


def test_the_names_of_ministack_are_where_they_were() -> None:
    assert set(inspect.signature(lambda_svc.handle_function_url_request).parameters) >= {"url_id", "headers", "body"}
    assert callable(lambda_svc.new_uuid)
    assert router.SERVICE_PATTERNS["glue"]["target_prefixes"]
    assert app.SERVICE_HANDLERS["glue"]
    assert callable(app.call_service_handler_sync)
    assert stepfunctions._AWS_SDK_SERVICE_MAP["glue"] == {"target_prefix": "AWSGlue", "protocol": "json"}
    assert stepfunctions._AWS_SDK_ERROR_PREFIX["glue"] == "Glue"
    assert list(inspect.signature(stacks._runs_on_worker_thread).parameters) == ["resource_type"]
    assert set(provisioners._RESOURCE_HANDLERS["AWS::Glue::Database"]) >= {"create", "update", "delete"}


def execution_of(stack: Deployment, name: str, resource: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """How a machine of one task ends."""
    states = stack.client("stepfunctions")
    task = {"Type": "Task", "Resource": resource, "Parameters": arguments, "End": True}
    role = "arn:aws:iam::000000000000:role/any"
    machine = states.create_state_machine(
        name=name, definition=json.dumps({"StartAt": "Ask", "States": {"Ask": task}}), roleArn=role
    )
    execution = states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    while (described := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.1)
    return dict(described)


def test_a_task_of_a_state_machine_reaches_the_service(small_stack: Deployment) -> None:
    resource = "arn:aws:states:::aws-sdk:forecast:listDatasetGroups"
    execution = execution_of(small_stack, "asks", resource, {"NextToken": "sent along"})
    assert execution["status"] == "SUCCEEDED", execution
    assert json.loads(execution["output"]) == {
        "DatasetGroups": [{"DatasetGroupName": "ListDatasetGroups", "DatasetGroupArn": "sent along"}]
    }
    resource = "arn:aws:states:::aws-sdk:forecastquery:queryForecast"
    queried = execution_of(small_stack, "queries", resource, {"ForecastArn": "a", "Filters": {"item_id": "a"}})
    assert queried["status"] == "SUCCEEDED", queried


def test_a_refusal_reaches_a_state_machine_under_the_name_that_aws_gives_it(small_stack: Deployment) -> None:
    resource = "arn:aws:states:::aws-sdk:forecast:describeDataset"
    execution = execution_of(small_stack, "refused", resource, {"DatasetArn": "arn:aws:forecast:a:1:dataset/a"})
    assert (execution["status"], execution["error"]) == ("FAILED", "Forecast.ResourceNotFoundException")


def test_the_answer_and_the_log_of_the_function_have_one_id(small_stack: Deployment) -> None:
    with pytest.raises(ClientError) as refusal:
        small_stack.client("forecast").describe_dataset(DatasetArn="arn:aws:forecast:us-east-1:1:dataset/a")
    answer = refusal.value.response
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"] == answer["Error"]["Message"]
    assert not {"x-amz-request-id", "x-amz-id-2"} & set(answer["ResponseMetadata"]["HTTPHeaders"])


def test_the_routers_ids_do_not_join_those_of_an_answer() -> None:
    headers = HeadersWithId({"x-amzn-RequestId": "of the invocation"})
    headers.update({"x-amzn-requestid": "another", "Access-Control-Allow-Origin": "*"})
    headers["x-amz-request-id"] = "another"
    assert headers == {"x-amzn-RequestId": "of the invocation", "Access-Control-Allow-Origin": "*"}


def created(endpoint: str, name: str, resources: dict[str, Any]) -> dict[str, Any]:
    """The stack of a template, once it stands or has failed."""
    cloudformation = client_at("cloudformation", endpoint)
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Sales", "Arn"]}}}
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources, "Outputs": outputs}))
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.config.delay = 0.1
    try:
        waiter.wait(StackName=name)
    except WaiterError:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        return {"Reasons": " ".join(event.get("ResourceStatusReason", "") for event in events)}
    return dict(cloudformation.describe_stacks(StackName=name)["Stacks"][0])


def test_a_template_makes_a_dataset_and_takes_it_away(small_stack: Deployment) -> None:
    stack = created(small_stack.endpoint, "of-datasets", {"Sales": DATASET})
    assert stack["Outputs"][0]["OutputValue"] == "arn:aws:forecast:us-east-1:000000000000:dataset/sales"
    cloudformation = small_stack.client("cloudformation")
    cloudformation.delete_stack(StackName="of-datasets")
    waiter = cloudformation.get_waiter("stack_delete_complete")
    waiter.config.delay = 0.1
    waiter.wait(StackName=stack["StackId"])


def test_a_template_that_comes_before_the_service_is_told_so() -> None:
    with embedded_aws() as endpoint:
        stack = created(endpoint, "too-early", {"Sales": DATASET})
    assert (
        "AWS::Forecast::Dataset: No forecast service is deployed yet. Deploy Almanac's own stack first."
        in stack["Reasons"]
    )
