"""Answers as the forecast service would, with what it was asked."""

import base64
import json
from typing import Any


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """A function URL event (payload 2.0) in; the operation and the request back."""
    body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"]
    operation = event["headers"]["x-amz-target"].partition(".")[2]
    request = json.loads(body)
    if operation == "DescribeDataset":  # nothing is there; the id of the invocation is told
        return _response(400, {"__type": "ResourceNotFoundException", "Message": context.aws_request_id})
    if operation == "CreateDataset":
        arn = f"arn:aws:forecast:us-east-1:000000000000:dataset/{request['DatasetName']}"
        return _response(200, {"DatasetArn": arn})
    return _response(
        200, {"DatasetGroups": [{"DatasetGroupName": operation, "DatasetGroupArn": request.get("NextToken")}]}
    )


def _response(status: int, answer: dict[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/x-amz-json-1.1"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(answer)}
