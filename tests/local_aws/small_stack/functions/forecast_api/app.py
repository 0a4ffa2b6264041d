"""Answers as the forecast service would, with what it was asked."""

import base64
import json
from typing import Any


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """A function URL event (payload 2.0) in; the operation and the request back."""
    body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"]
    operation = event["headers"]["x-amz-target"].partition(".")[2]
    answer = {"DatasetGroups": [{"DatasetGroupName": operation, "DatasetGroupArn": json.loads(body)["NextToken"]}]}
    return {"statusCode": 200, "headers": {"content-type": "application/x-amz-json-1.1"}, "body": json.dumps(answer)}
