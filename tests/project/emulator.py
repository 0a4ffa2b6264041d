"""A built function on the Lambda emulator of aws-sam-cli: what `sam local invoke` runs in its container, but no Docker.

The emulator gets the function as it stands deployed on the embedded AWS: its environment, its layers and its timeout.
It starts the runtime's own Python with awslambdaric; all other packages come from the built layers.
"""

import contextlib
import json
import os
import platform
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.embedded.deployment import STACK_NAME, Deployment
from local_aws.embedded.launcher import ACCESS_KEY, REGION, SECRET_KEY

PROJECT = Path(__file__).parent.parent.parent
RUNTIME = PROJECT / ".venv-runtime" / "bin" / "python"
SECONDS_TO_START = 10
SECONDS_TO_ANSWER = 60


@dataclass(frozen=True)
class Emulator:
    """Runs built functions, one process per invocation: every event meets a cold start."""

    build_folder: Path
    deployment: Deployment

    def invoke(self, function: str, event: bytes) -> Any:
        """What the function of this logical id answers; an error is a document with ``errorType``, as in the cloud."""
        configuration = self._configuration(function)
        with tempfile.TemporaryFile() as log, _running(self._environment(function, configuration), log) as address:
            request = urllib.request.Request(
                f"http://{address}/2015-03-31/functions/function/invocations",
                event,
                {"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER) as response:  # noqa: S310
                answer = response.read()
            try:
                return json.loads(answer)
            except ValueError:
                log.seek(0)
                raise AssertionError(f"{function} answered {answer!r}: {log.read().decode()}") from None

    def _configuration(self, function: str) -> dict[str, Any]:
        resource = self.deployment.client("cloudformation").describe_stack_resource(
            StackName=STACK_NAME, LogicalResourceId=function
        )["StackResourceDetail"]
        configuration: dict[str, Any] = self.deployment.client("lambda").get_function_configuration(
            FunctionName=resource["PhysicalResourceId"]
        )
        return configuration

    def _environment(self, function: str, configuration: dict[str, Any]) -> dict[str, str]:
        """The deployed environment as it is true on this machine: layers in the build folder instead of /opt."""
        layers = [self.build_folder / layer["Arn"].split(":")[-2] for layer in configuration["Layers"]]
        task_root = self.build_folder / function
        variables = {
            name: str(layers[0]) + value.removeprefix("/opt") if value.startswith("/opt/") else value
            for name, value in configuration["Environment"]["Variables"].items()
        }
        if "AWS_ENDPOINT_URL_FORECAST" in variables:
            variables["AWS_ENDPOINT_URL_FORECAST"] = self.deployment.endpoint
        return variables | {
            "AWS_ENDPOINT_URL": self.deployment.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(configuration["Timeout"]),
            "LAMBDA_TASK_ROOT": str(task_root),
            "PYTHONPATH": os.pathsep.join(
                str(folder) for folder in [task_root, *(layer / "python" for layer in layers)]
            ),
            "LD_LIBRARY_PATH": os.pathsep.join(str(layer / "lib") for layer in layers),
            "POWERTOOLS_TRACE_DISABLED": "true",
            "_HANDLER": configuration["Handler"],
        }


def emulator_program() -> Path:
    """The emulator that aws-sam-cli brings for this machine."""
    architecture = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    (program,) = (PROJECT / ".venv-sam").glob(
        f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{architecture}"
    )
    return program


@contextlib.contextmanager
def _running(environment: dict[str, str], log: Any) -> Iterator[str]:
    """The address of an emulator that serves the function for as long as the block lasts."""
    address, runtime_api = (f"127.0.0.1:{port}" for port in _free_ports(2))
    listeners = ["--runtime-interface-emulator-address", address, "--runtime-api-address", runtime_api]
    program = [RUNTIME, "-m", "awslambdaric", environment["_HANDLER"]]
    emulator = subprocess.Popen(
        [emulator_program(), "--log-level", "error", *listeners, *program],
        env=environment,
        cwd=environment["LAMBDA_TASK_ROOT"],
        stdout=log,
        stderr=log,
    )
    try:
        _wait_for(address)
        yield address
    finally:
        emulator.terminate()  # it ends its runtime first
        emulator.wait(SECONDS_TO_START)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


def _wait_for(address: str) -> None:
    host, port = address.split(":")
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            socket.create_connection((host, int(port))).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
