"""Finds an embedded AWS that `almanac up` keeps running, or starts one for as long as it is needed."""

import contextlib
import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from forecast_language import language, said
from local_aws.embedded.keeping.cut_off import begin_again
from local_aws.embedded.keeping.data_folder import OpenFolder
from local_aws.embedded.launcher import StartError, note_region, region_at, starting_aws
from local_aws.project_folder import PROJECT_FOLDER

if TYPE_CHECKING:
    from local_aws.embedded.deployment import Deployment

TEMPLATE = PROJECT_FOLDER / "template.yaml"


def cache_folder() -> Path:
    """Where commands of one user leave what others of them look for; a temporary folder where the home is read-only.

    StartError if the temporary folder is another user's.
    """
    with contextlib.suppress(OSError, RuntimeError):  # it cannot be made, or the user has no home
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "almanac"
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    folder = Path(tempfile.gettempdir()) / f"almanac-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise StartError(
            said("{folder} belongs to another user; name a folder of yours by XDG_CACHE_HOME", folder=folder)
        )
    return folder


@dataclass(frozen=True)
class Announcement:
    """What an `almanac up` tells other commands of the same user: where it answers, and whose process it is."""

    endpoint: str
    region: str
    process: int

    @property
    def file(self) -> Path:
        """One for each port: a second `almanac up` hides no other."""
        return cache_folder() / "up" / f"{urlsplit(self.endpoint).port}.json"

    @property
    def is_alive(self) -> bool:
        """Whether its process runs still."""
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # of another user's, which has the number now
            return False
        return True


def announcements() -> list[Announcement]:
    """Those of every `almanac up` that runs, the newest first. The file of one that died is removed."""
    found = []
    for file in (cache_folder() / "up").glob("*.json"):
        with contextlib.suppress(OSError, ValueError, TypeError):  # just removed, or written by somebody else
            announcement, since = Announcement(**json.loads(file.read_text())), file.stat().st_mtime
            if announcement.is_alive:
                found.append((since, announcement))
            else:
                file.unlink()
    return [announcement for _, announcement in sorted(found, key=lambda pair: pair[0], reverse=True)]


@dataclass(frozen=True)
class Strictness:
    """What an embedded AWS refuses as AWS does: what roles do not allow, and executions above so many slots."""

    iam: bool = False
    slots: int = 0  # no limit


LENIENT = Strictness()


@contextlib.contextmanager
def starting(
    port: int = 0, strictness: Strictness = LENIENT, data: OpenFolder | None = None
) -> Iterator[Callable[[], "Deployment"]]:
    """An embedded AWS, gone when the block ends; gives at once what waits for it and deploys the stack.

    It is a fresh one, unless ``data`` keeps it.
    """
    record = Path(os.devnull) if strictness.iam else None
    with starting_aws(port, iam_record=record, slots=strictness.slots, data=data) as endpoint:
        yield lambda: _deployed(endpoint, data)


def _deployed(endpoint: Callable[[], str], data: OpenFolder | None) -> "Deployment":
    from local_aws.embedded.deployment import STACK_NAME, package, redeploy_package  # noqa: PLC0415 - boto3: its time

    packaged = package(TEMPLATE)  # while the embedded AWS starts
    if data:
        note_region(endpoint(), data.region)
    deployment = redeploy_package(endpoint(), packaged, {"Language": language()})  # mails in that of who started it
    if data:
        saved = data.kept().saved
        data.note_standing()
        if saved:
            begin_again(deployment.client("cloudformation"), deployment.client("stepfunctions"), STACK_NAME, saved)
    return deployment


@contextlib.contextmanager
def started(port: int = 0, strictness: Strictness = LENIENT, data: OpenFolder | None = None) -> Iterator["Deployment"]:
    """As `starting`, with the stack deployed."""
    with starting(port, strictness, data) as deployment:
        yield deployment()


@contextlib.contextmanager
def started_early(
    endpoint: str | None, strictness: Strictness, fresh: bool = False
) -> Iterator[Callable[[], "Deployment"] | None]:
    """As `starting`, where plainly none is up: for a caller who has something else to do meanwhile. None elsewhere.

    Where it is to be `fresh`, one is started whatever is up.
    """
    one_may_be_up = not fresh and (endpoint or os.environ.get("AWS_ENDPOINT_URL") or announcements())
    if one_may_be_up and strictness == LENIENT:
        yield None
    else:
        with starting(strictness=strictness) as deployment:
            yield deployment


@contextlib.contextmanager
def announced(deployment: "Deployment") -> Iterator[None]:
    """Let other commands of this user find the deployment while the block lasts."""
    announcement = Announcement(deployment.endpoint, region_at(deployment.endpoint), os.getpid())
    announcement.file.parent.mkdir(parents=True, exist_ok=True)
    announcement.file.write_text(json.dumps(asdict(announcement)))
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            announcement.file.unlink()


def found(endpoint: str | None) -> "Deployment | None":
    """The deployment at `endpoint`; without one, that of the newest `almanac up`; None if there is neither."""
    return _wanted_deployment(endpoint) or _announced_deployment()


@contextlib.contextmanager
def found_or_started(
    endpoint: str | None,
    say: Callable[[str], None],
    strictness: Strictness = LENIENT,
    early: Callable[[], "Deployment"] | None = None,
) -> Iterator["Deployment"]:
    """The deployment at `endpoint`; without one, that of `almanac up`; without that, `early` or a fresh one.

    Where something is to be refused, always a fresh one.
    """
    deployment = found(endpoint) if strictness == LENIENT and not early else None
    if deployment is not None:
        named = endpoint or os.environ.get("AWS_ENDPOINT_URL")
        more = 0 if named else len(announcements()) - 1
        uses = said("uses the embedded AWS at {endpoint}", endpoint=deployment.endpoint)
        others = said(", the newest of {number} that are up; --endpoint names another", number=more + 1)
        say(uses + (others if more > 0 else ""))
        yield deployment
        return
    with contextlib.nullcontext(early()) if early else started(strictness=strictness) as deployment:
        say(said("started the embedded AWS and deployed template.yaml"))
        yield deployment


def outlives_command(here: str, named: str | None) -> bool:
    """Whether the embedded AWS at `here` was up before the command: the one `named`, or somebody's `almanac up`."""
    before = [named or os.environ.get("AWS_ENDPOINT_URL") or "", *(each.endpoint for each in announcements())]
    return here.rstrip("/") in (endpoint.rstrip("/") for endpoint in before)


@contextlib.contextmanager
def alone(endpoint: str) -> Iterator[None]:
    """Keep other `almanac forecast` of this user off the endpoint: two that fill one bucket would mix their files.

    The lock goes with its process, however that ends. StartError if another holds it.
    """
    file = cache_folder() / f"{urlsplit(endpoint).netloc.replace(':', '_')}.lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(
                said("another `almanac forecast` is at work at {endpoint}; wait for its end", endpoint=endpoint)
            ) from None
        yield


def _wanted_deployment(endpoint: str | None) -> "Deployment | None":
    """The deployment that the option or the environment names; None if neither does. StartError if it is not there."""
    address = endpoint or os.environ.get("AWS_ENDPOINT_URL")
    if not address:
        return None
    deployment = _deployment_at(address)
    if deployment is None:
        source = "--endpoint" if endpoint else "AWS_ENDPOINT_URL"
        raise StartError(
            said(
                "no stack of Almanac answers at {address}, which {source} names; `almanac up` starts one",
                address=address,
                source=source,
            )
        )
    return deployment


def _announced_deployment() -> "Deployment | None":
    for announcement in announcements():
        deployment = _deployment_at(announcement.endpoint)
        if deployment is not None:
            return deployment
    return None


def _deployment_at(endpoint: str) -> "Deployment | None":
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - boto3, as above

    from local_aws.embedded.deployment import running_deployment  # noqa: PLC0415

    for announcement in announcements():
        if announcement.endpoint == endpoint.rstrip("/"):
            note_region(endpoint, announcement.region)
    try:
        return running_deployment(endpoint)
    except (BotoCoreError, ValueError):  # nobody listens; not a URL
        return None
