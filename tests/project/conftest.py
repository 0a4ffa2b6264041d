"""What `make build` makes, built once per run of the tests, and deployed on the embedded AWS."""

import fcntl
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.embedded.deployment import Deployment, deploy
from local_aws.embedded.launcher import embedded_aws

PROJECT = Path(__file__).parent.parent.parent
RUNTIME = PROJECT / ".venv-runtime" / "bin" / "python"


def has_runtime_python() -> bool:
    """Whether `make build` finds a python3.13, by itself or through pyenv."""
    if shutil.which("pyenv"):
        versions = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True, check=True).stdout
        return re.search(r"^3\.13\.", versions, re.MULTILINE) is not None
    return shutil.which("python3.13") is not None


@pytest.fixture(scope="session")
def build_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `make build` leaves what would be deployed, for this machine's architecture.

    Workers of pytest-xdist share one build: the first makes it, the others wait for it.
    """
    if not has_runtime_python():
        pytest.skip("needs python3.13, the runtime of the functions")
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with (shared / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "built").exists():
            architecture = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
            subprocess.run(
                ["make", "--silent", "build", ".venv-runtime/ready", f"ARCHITECTURE={architecture}"],
                cwd=PROJECT,
                check=True,
                capture_output=True,
            )
            (shared / "built").touch()
    return PROJECT / ".aws-sam" / "build"


@pytest.fixture(scope="module")
def built_deployment(build_folder: Path) -> Iterator[Deployment]:
    """The stack of the built template on an embedded AWS that runs functions on the runtime's own Python."""
    with embedded_aws(interpreter=RUNTIME) as endpoint:
        yield deploy(endpoint, build_folder / "template.yaml")
