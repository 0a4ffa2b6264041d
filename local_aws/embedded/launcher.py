"""Starts and stops the embedded AWS, and opens clients on it."""

import configparser
import contextlib
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_language import said
from local_aws.embedded.keeping.data_folder import NOT_SAVED, OpenFolder
from local_aws.project_folder import INSTALLED

if TYPE_CHECKING:
    from botocore.loaders import Loader

IN_USE = "Address already in use"  # as the log of the server says it
REGION = "us-east-1"  # where nobody names another
REGION_NAME = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
ACCESS_KEY = SECRET_KEY = "test"  # noqa: S105 - any pair is accepted
SECONDS_TO_STOP = 5
SERVER = [
    sys.executable,
    *(["-P"] if INSTALLED else []),  # else the files of the folder in which somebody forecasts would be modules
    "-m",
    "local_aws.embedded.server",
]
SECONDS_TO_SAVE = 600  # where something is to be kept: what that takes goes with what is in it

_regions: dict[str, str] = {}  # of each embedded AWS that this process knows, by its endpoint


class StartError(Exception):
    """The embedded AWS did not come up; the message says why in one sentence."""


@contextlib.contextmanager
def embedded_aws(
    port: int = 0,
    interpreter: Path = Path(sys.executable),
    iam_record: Path | None = None,
    slots: int = 0,
    data: OpenFolder | None = None,
) -> Iterator[str]:
    """Run the embedded AWS for as long as the block lasts; gives its endpoint URL. Port 0 means a free one.

    `interpreter` is the Python that runs the functions: awslambdaric must be installed for it, and whatever else their
    layers do not bring. With ``iam_record`` IAM is asked of each call of a function, and that file tells what. With
    ``slots`` the account has so many concurrent executions of functions, as `account_slots.py` has it.
    With ``data`` that folder keeps all, once it notes that the stack stands. StartError at the end if it could not.
    """
    with starting_aws(port, interpreter, iam_record, slots, data) as endpoint:
        yield endpoint()


@contextlib.contextmanager
def starting_aws(
    port: int = 0,
    interpreter: Path = Path(sys.executable),
    iam_record: Path | None = None,
    slots: int = 0,
    data: OpenFolder | None = None,
) -> Iterator[Callable[[], str]]:
    """As `embedded_aws`, but gives at once what waits for the endpoint URL: it takes seconds to start."""
    given = [str(slots), str(iam_record or ""), str(data.path if data else "")]
    folder = Path(tempfile.mkdtemp(prefix="almanac-"))
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*SERVER, str(folder), str(port), str(interpreter), *given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=os.environ | {"AWS_REGION": data.region if data else wanted_region()},
            pass_fds=[data.lock] if data else [],
            start_new_session=True,  # a group of its own, so that nothing in it survives
        )
    try:
        yield functools.cache(lambda: f"http://127.0.0.1:{_port_of(server, port, folder / 'server.log')}")
    finally:
        _stop(server, SECONDS_TO_SAVE if data else SECONDS_TO_STOP)
        not_saved = _not_saved(folder / "server.log") if data else ""
        shutil.rmtree(folder, ignore_errors=True)
        if not_saved:
            raise StartError(not_saved)


def wanted_region() -> str:
    """The region that the environment names, or the profile, as for other programs; us-east-1 where neither does."""
    named = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _region_of_profile()
    return named if REGION_NAME.fullmatch(named) else REGION


def _region_of_profile() -> str:
    """What AWS's configuration file says; read here, since botocore takes a tenth of a second to say it."""
    file = Path(os.environ.get("AWS_CONFIG_FILE") or os.path.expanduser("~/.aws/config"))
    profile = os.environ.get("AWS_PROFILE") or os.environ.get("AWS_DEFAULT_PROFILE") or "default"
    parser = configparser.RawConfigParser(strict=False)
    with contextlib.suppress(OSError, ValueError, configparser.Error):
        parser.read(file, encoding="utf-8")
    section = profile if profile == "default" else f"profile {profile}"
    return parser.get(section, "region", fallback="").strip()


def region_at(endpoint: str) -> str:
    """The region of the embedded AWS at an endpoint: the one it was announced with, else the one that is wanted."""
    return _regions.get(endpoint.rstrip("/"), wanted_region())


def note_region(endpoint: str, region: str) -> None:
    """Clients on the endpoint are in this region from now on."""
    _regions[endpoint.rstrip("/")] = region


def client(service: str, endpoint: str) -> Any:
    """A boto3 client on the embedded AWS, untouched by the profile and the settings of the caller's own AWS."""
    import boto3  # noqa: PLC0415 - it takes a third of a second, and the embedded AWS starts without
    import botocore.session  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    ours = botocore.session.Session(
        {"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None)}
    )
    ours.register_component("data_loader", _descriptions())
    session = boto3.Session(ACCESS_KEY, SECRET_KEY, region_name=region_at(endpoint), botocore_session=ours)
    config = Config(retries={"total_max_attempts": 3}, s3={"addressing_style": "path"})
    return session.client(service, endpoint_url=endpoint, config=config)  # type: ignore[call-overload]


@functools.cache
def _descriptions() -> "Loader":
    """botocore's descriptions of services, which each session would read anew: a tenth of a second."""
    from botocore.loaders import Loader  # noqa: PLC0415 - as above

    return Loader()


def _port_of(server: subprocess.Popen[bytes], port: int, log: Path) -> int:
    assert server.stdout is not None  # noqa: S101 - opened as a pipe above
    line = server.stdout.readline()
    if line:
        return int(line)
    server.wait()
    text = log.read_text(errors="replace")
    if IN_USE in text:
        raise StartError(said("port {port} is in use; choose another with --port", port=port))
    raise StartError(said("the embedded AWS ended as it started: {reason}", reason=_last_line(text)))


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else said("it said nothing")


def _not_saved(log: Path) -> str:
    """What the server says where it could not save; empty where it could, and has removed its log."""
    with contextlib.suppress(OSError):
        line = _last_line(log.read_text(errors="replace"))
        return line if line.startswith(NOT_SAVED) else ""
    return ""


def _stop(server: subprocess.Popen[bytes], seconds: int) -> None:
    """Close the pipe, which is the server's sign to go, and make sure of its whole group."""
    for pipe in (server.stdin, server.stdout):
        if pipe is not None:
            pipe.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
