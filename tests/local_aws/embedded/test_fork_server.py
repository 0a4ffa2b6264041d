"""Which functions get a forked process, and what a forked process is."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.embedded import fork_server, hooks, lambda_process, lambda_start
from local_aws.embedded.lambda_process import LAYERS_VARIABLE, SERVER_PROCESS_VARIABLE
from local_aws.embedded.lambda_start import FOLDER_VARIABLE
from tests.local_aws.processes import gone

pytestmark = pytest.mark.skipif(not fork_server.FORKING_IS_SAFE, reason="nothing forks here")

RUNTIME_CLIENT = """
import json, os, sys, time
def run(handler, client):
    threads = len(os.listdir("/proc/self/task"))
    imported = {name for name, module in sys.modules.items() if module}
    facts = {"Folder": os.getcwd(), "Boto3": "boto3" in imported, "Pandas": "pandas" in imported, "Threads": threads}
    print(json.dumps(facts | {"Process": os.getpid(), "Variables": sorted(os.environ)}), flush=True)
    if handler == "app.sleeps":
        time.sleep(60)
    sys.exit(7)
"""
VARIABLES = {"LAMBDA_TASK_ROOT", "_HANDLER", "AWS_LAMBDA_RUNTIME_API"}


@pytest.fixture(scope="module")
def fork_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a process waits that forks."""
    folder = tmp_path_factory.mktemp("fork")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        process = fork_server.start(folder, Path(sys.executable))
    assert process is not None
    while not (folder / lambda_process.FORK_SOCKET).exists():
        assert process.poll() is None
    yield folder
    process.kill()
    process.wait()


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """The folder of a function that brings a runtime client of its own, which tells where it runs."""
    client = tmp_path / "task" / "awslambdaric"
    client.mkdir(parents=True)
    (client / "__init__.py").touch()
    (client / "bootstrap.py").write_text(RUNTIME_CLIENT)
    (client / "lambda_runtime_client.py").write_text("def LambdaRuntimeClient(*_): pass")
    return client.parent


def started(
    task: Path, handler: str = "app.handler", python: str = sys.executable, **variables: str
) -> subprocess.Popen[str]:
    """What a bootstrap file starts in the folder of a function."""
    bootstrap = task / "bootstrap"
    bootstrap.write_text(hooks.bootstrap_text(python))
    bootstrap.chmod(0o755)
    own = {"LAMBDA_TASK_ROOT": str(task), "_HANDLER": handler, "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1"}
    assert own.keys() == VARIABLES
    server = {SERVER_PROCESS_VARIABLE: str(os.getpid()), LAYERS_VARIABLE: str(task / "layers")}
    return subprocess.Popen(
        [bootstrap],
        cwd=task,
        env=own | server | variables,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_forked_process_has_imported_what_functions_need_and_is_the_functions_alone(
    fork_folder: Path, task: Path
) -> None:
    with started(task, **{FOLDER_VARIABLE: str(fork_folder)}) as process:
        facts = json.loads(process.communicate()[0])
    assert facts["Boto3"]
    assert not facts["Pandas"]  # no layer has it
    assert facts["Threads"] == 2  # its own, and the one that waits for the end of who asked for it
    assert facts["Folder"] == str(task)
    assert {name for name in facts["Variables"] if name != "LC_CTYPE"} == VARIABLES
    assert facts["Process"] != process.pid
    assert process.returncode == 7


def test_where_nothing_forks_the_process_starts_afresh(task: Path) -> None:
    with started(task, **{FOLDER_VARIABLE: str(task)}) as process:
        facts = json.loads(process.communicate()[0])
    assert not facts["Boto3"]
    assert facts["Folder"] == str(task)
    assert facts["Process"] == process.pid
    assert process.returncode == 7


def test_a_python_whose_path_no_first_line_can_name_is_started_all_the_same(
    fork_folder: Path, task: Path, tmp_path: Path
) -> None:
    python = tmp_path / "a folder" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    assert hooks.bootstrap_text(str(python)).startswith("#!/bin/sh\n")
    with started(task, python=str(python), **{FOLDER_VARIABLE: str(fork_folder)}) as process:
        assert json.loads(process.communicate()[0])["Folder"] == str(task)
    assert process.returncode == 7


def test_a_forked_process_ends_with_the_one_that_stands_for_it(fork_folder: Path, task: Path) -> None:
    with started(task, "app.sleeps", **{FOLDER_VARIABLE: str(fork_folder)}) as process:
        assert process.stdout is not None
        forked = json.loads(process.stdout.readline())["Process"]
        process.kill()
    assert gone({forked})


def test_both_ends_know_the_same_names() -> None:
    assert lambda_start.FORK_SOCKET == lambda_process.FORK_SOCKET
    assert lambda_start.SERVER_PROCESS_VARIABLE == lambda_process.SERVER_PROCESS_VARIABLE


def test_a_function_whose_layers_bring_such_packages_is_not_forked(tmp_path: Path) -> None:
    layers = tmp_path / "layers"
    (layers / "python" / "forecast_engine").mkdir(parents=True)
    assert fork_server.variables(tmp_path, layers) == {FOLDER_VARIABLE: str(tmp_path)}
    (layers / "python" / "pydantic").mkdir()
    assert fork_server.variables(tmp_path, layers) == {}
