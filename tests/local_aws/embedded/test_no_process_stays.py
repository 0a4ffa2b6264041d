"""However it ends, nothing that was started stays: neither the server, nor Lambda processes, nor files."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local_aws.conftest import SMALL_STACK
from tests.local_aws.processes import descendants, gone, processes

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are counted in /proc, as on Linux")

PROGRAM = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored where the tests run in the background
from local_aws.embedded.deployment import deploy
from local_aws.embedded.launcher import embedded_aws
with embedded_aws() as endpoint:
    deployment = deploy(endpoint, Path(sys.argv[1]))
    deployment.client("lambda").invoke(FunctionName=deployment.outputs["StepName"], Payload=b"{}")
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs the embedded AWS with a warm Lambda process; its temporary folder is `tmp_path`."""
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(SMALL_STACK)], stdout=subprocess.PIPE, env=environment
    )
    assert program.stdout is not None
    assert program.stdout.readline() == b"ready\n"
    yield program
    program.stdout.close()
    program.kill()
    program.wait()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_stays_when_the_launcher_ends(
    running: subprocess.Popen[bytes], end: signal.Signals, tmp_path: Path
) -> None:
    started = descendants(running.pid)
    assert len(started) >= 2  # the server and a Lambda process
    running.send_signal(end)
    running.wait(15)
    assert gone(started)
    assert list(tmp_path.glob("almanac-*")) == []


def test_lambda_processes_end_when_the_server_is_killed(running: subprocess.Popen[bytes]) -> None:
    started = descendants(running.pid)
    server = next(process for process in started if "local_aws.embedded.server" in processes()[process][1])
    os.kill(server, signal.SIGKILL)
    assert gone(started - {server})
