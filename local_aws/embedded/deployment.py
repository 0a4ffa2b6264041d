"""Deploys the template to the embedded AWS: packages what it names by a local path, and creates the stack.

This is `sam package` and `sam deploy` without the build: a function is its folder, and a layer holds only our own
packages (those that its Makefile names), since third-party packages come from the environment that runs Almanac.
A template that `sam build` made is deployed as it is.
"""

import contextlib
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import WaiterError

from local_aws.embedded.launcher import REGION, client
from local_aws.embedded.template import Template, read_template
from local_aws.project_folder import package_folder

STACK_NAME = "almanac"
ARTIFACT_BUCKET = "almanac-artifacts"
TEMPLATE_KEY = "template.json"
NOTHING_TO_UPDATE = "No updates are to be performed"
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold: same content, same bytes


class DeploymentError(Exception):
    """The stack did not come up; the message names the resource and the reason."""


@dataclass(frozen=True)
class Deployment:
    """A deployed stack: where it answers, and what it put out."""

    endpoint: str
    outputs: dict[str, str]

    def client(self, service: str) -> Any:
        """A boto3 client on it."""
        return client(service, self.endpoint)


@dataclass(frozen=True)
class Package:
    """A template whose local paths are addresses, and what must lie there, by key."""

    document: Template
    artifacts: dict[str, bytes]


def deploy(endpoint: str, template: Path, parameters: dict[str, str] | None = None) -> Deployment:
    """Create the stack of the template and wait until it stands. Parameters the template lacks are left out."""
    return deploy_package(endpoint, package(template), parameters)


def deploy_package(endpoint: str, given: Package, parameters: dict[str, str] | None = None) -> Deployment:
    """As `deploy`, of what has been packaged."""
    s3, cloudformation = client("s3", endpoint), client("cloudformation", endpoint)
    _create_artifact_bucket(s3)
    _upload(s3, given)
    _create_stack(cloudformation, **_stack_of(endpoint, given, parameters))
    return _settled(endpoint, "create")


def redeploy_package(endpoint: str, given: Package, parameters: dict[str, str] | None = None) -> Deployment:
    """As `deploy_package` where no stack stands yet; else the stack that stands becomes that of the package."""
    standing = running_deployment(endpoint)
    if standing is None:
        return deploy_package(endpoint, given, parameters)
    _upload(client("s3", endpoint), given)
    cloudformation = client("cloudformation", endpoint)
    try:
        cloudformation.update_stack(**_stack_of(endpoint, given, parameters))
    except cloudformation.exceptions.ClientError as error:
        if NOTHING_TO_UPDATE in str(error):
            return standing
        raise DeploymentError(error.response["Error"]["Message"]) from None
    return _settled(endpoint, "update")


def _stack_of(endpoint: str, given: Package, parameters: dict[str, str] | None) -> dict[str, Any]:
    """What a request says of the stack whose template has been uploaded."""
    known = given.document.get("Parameters", {})
    chosen = {name: value for name, value in (parameters or {}).items() if name in known}
    return {
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in chosen.items()],
        "StackName": STACK_NAME,
        "TemplateURL": f"{endpoint}/{ARTIFACT_BUCKET}/{TEMPLATE_KEY}",
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }


def _upload(s3: Any, given: Package) -> None:
    for key, content in given.artifacts.items():
        s3.put_object(Bucket=ARTIFACT_BUCKET, Key=key, Body=content)


def _create_artifact_bucket(s3: Any) -> None:
    """In the region of the client, which S3 wants to be told but for its first."""
    place = {} if s3.meta.region_name == REGION else {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(Bucket=ARTIFACT_BUCKET, **({"CreateBucketConfiguration": place} if place else {}))


def _create_stack(cloudformation: Any, **request: Any) -> None:
    try:
        cloudformation.create_stack(**request)
    except cloudformation.exceptions.ClientError as error:
        raise DeploymentError(error.response["Error"]["Message"]) from None


def running_deployment(endpoint: str) -> Deployment | None:
    """The stack that stands at this endpoint; None if there is none."""
    cloudformation = client("cloudformation", endpoint)
    try:
        stack = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    except cloudformation.exceptions.ClientError:
        return None
    return Deployment(endpoint, _outputs(stack))


def _outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _settled(endpoint: str, deed: str) -> Deployment:
    """The stack once it has been created or updated. DeploymentError if it could not be."""
    cloudformation = client("cloudformation", endpoint)
    waiter = cloudformation.get_waiter(f"stack_{deed}_complete")
    waiter.config.delay, waiter.config.max_attempts = 0.1, 600
    with contextlib.suppress(WaiterError):  # its text repeats the status; the events say more
        waiter.wait(StackName=STACK_NAME)
    stack: dict[str, Any] = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]
    if stack["StackStatus"] != f"{deed.upper()}_COMPLETE":
        raise DeploymentError(_first_failure(cloudformation) or stack.get("StackStatusReason", stack["StackStatus"]))
    return Deployment(endpoint, _outputs(stack))


def _first_failure(cloudformation: Any) -> str:
    events = cloudformation.describe_stack_events(StackName=STACK_NAME)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
    return f"{failed[-1]['LogicalResourceId']}: {failed[-1].get('ResourceStatusReason', 'failed')}" if failed else ""


def package(template: Path) -> Package:
    """The template with every local path replaced by the address of what is to be uploaded from it."""
    document, root, artifacts = read_template(template), template.parent, dict[str, bytes]()
    for logical_id, resource in document["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = _kept(artifacts, _folder_as_zip(root / properties["CodeUri"]), "zip")
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            layer = _layer_as_zip(root / properties["ContentUri"], logical_id)
            properties["ContentUri"] = _kept(artifacts, layer, "zip")
        elif resource["Type"] == "AWS::Serverless::StateMachine":
            definition = (root / properties["DefinitionUri"]).read_bytes()
            properties["DefinitionUri"] = _kept(artifacts, definition, "asl.json")
        elif resource["Type"] == "AWS::Glue::Job":
            command = properties["Command"]
            command["ScriptLocation"] = _kept(artifacts, (root / command["ScriptLocation"]).read_bytes(), "py")
    # Larger templates than 51,200 characters must be fetched by CloudFormation, so this one always is.
    return Package(document, artifacts | {TEMPLATE_KEY: json.dumps(document).encode()})


def _kept(artifacts: dict[str, bytes], content: bytes, extension: str) -> str:
    key = f"{hashlib.sha256(content).hexdigest()}.{extension}"
    artifacts[key] = content
    return f"s3://{ARTIFACT_BUCKET}/{key}"


def _layer_as_zip(folder: Path, logical_id: str) -> bytes:
    if not (folder / "Makefile").exists():  # `sam build` has filled it
        return _folder_as_zip(folder)
    return _as_zip(
        {
            Path("python", name, path.relative_to(package)): path
            for name in layer_packages(folder / "Makefile", logical_id)
            for package in [package_folder(name, folder)]
            for path in _shipped_files(package)
        }
    )


def layer_packages(makefile: Path, logical_id: str) -> list[str]:
    """Our own packages in a layer, by the Makefile that fills it. DeploymentError if it does not say."""
    line = re.search(rf"^%-{logical_id}: OURS := (.+)$", makefile.read_text(encoding="utf-8"), re.MULTILINE)
    if line is None:
        raise DeploymentError(f"{makefile}: found no line `%-{logical_id}: OURS := ...`, wanted the layer's packages")
    return line[1].split()


def _folder_as_zip(folder: Path) -> bytes:
    return _as_zip({path.relative_to(folder): path for path in _shipped_files(folder)})


def _as_zip(files: dict[Path, Path]) -> bytes:
    """The files as an archive, each under its name there."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, path in files.items():
            entry = zipfile.ZipInfo(name.as_posix(), ZIP_EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return content.getvalue()


def _shipped_files(folder: Path) -> Iterable[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
