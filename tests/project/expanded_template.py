"""What SAM's own translator makes of a template, as CloudFormation lets it."""

import json
from typing import Any

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

# Managed policies that SAM attaches by itself: to write logs, and to write traces.
MANAGED_POLICIES = {
    "AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "AWSXRayDaemonWriteAccess": "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess": "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",
}


def expanded_template(source: dict[str, Any]) -> dict[str, Any]:
    """The template as plain CloudFormation: local paths stand for objects in S3, as after packaging."""
    packaged = json.loads(json.dumps(source))
    for resource in packaged["Resources"].values():
        properties = resource.get("Properties", {})
        for member in ("CodeUri", "ContentUri", "DefinitionUri"):
            if member in properties:
                properties[member] = f"s3://artifacts/{properties[member]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        translated: dict[str, Any] = Translator(MANAGED_POLICIES, Parser()).translate(packaged, {})
    return translated
