"""Saves what the embedded AWS holds beside the bodies of S3's objects, and brings it back.

ministack's services give their state and take it; its own way to a file logs what fails and goes on without. Here each
of them is saved, or none. Only `server.py` imports this, after the hooks.
"""

import contextlib
import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TextIO

from ministack import app
from ministack.core import persistence
from ministack.services import lambda_svc, s3

from local_aws.embedded.keeping.data_folder import DataFolder

ATTEMPTS = 50  # a request that is at work may change what is being copied
SECONDS_BETWEEN = 0.02
MOMENT, SET = "__moment__", "__set__"
ONE_CUT = 3600.0  # seconds for which no other thread of Python runs, unless this one waits for something


def restore(folder: DataFolder, port: int) -> None:
    """Bring back what the folder keeps, before the server answers on `port`. FolderError, or the service's own."""
    s3.DATA_DIR = str(folder.objects)
    if folder.objects.is_dir():
        for account in folder.objects.iterdir():
            s3._load_persisted_account(account.name, str(account))
    kept = folder.kept()
    if not kept.state:
        return
    state = folder.path / kept.state
    lambda_svc.CODE_BLOB_DIR = str(state / "lambda-blobs")
    for name, module in app._state_map.items():
        file = state / f"{name}.json"
        if file.exists():
            text = _moved(file.read_text(encoding="utf-8"), kept.port, port)
            app._get_module(module).load_persisted_state(json.loads(text, object_hook=_read_object))


def _moved(text: str, old: int, new: int) -> str:
    """Addresses of the embedded AWS, as those of queues are, with the port that it has now."""
    for host in ("localhost", "127.0.0.1"):
        text = text.replace(f"//{host}:{old}/", f"//{host}:{new}/")
    return text


def save(folder: DataFolder, port: int) -> None:
    """Keep all that is in the embedded AWS: beside what was kept before, which goes once the new one is whole."""
    kept = folder.kept()
    state = folder.path / f"state-{int(kept.state.partition('-')[2] or 0) + 1}"
    shutil.rmtree(state, ignore_errors=True)  # of a save that did not end
    state.mkdir()
    lambda_svc.CODE_BLOB_DIR = str(state / "lambda-blobs")
    for name, held in _states().items():
        with (state / f"{name}.json").open("w", encoding="utf-8") as file:
            _write(name, held, file)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    folder.note(replace(kept, port=port, state=state.name, saved=now, stands=False))
    if kept.state:
        shutil.rmtree(folder.path / kept.state, ignore_errors=True)


def _write(name: str, held: Any, file: TextIO) -> None:
    try:
        json.dump(held, file, default=_json_of)
    except (TypeError, ValueError) as error:
        raise TypeError(f"state of {name}: {error}") from error


def _json_of(value: Any) -> Any:
    """What JSON has no form for: moments, sets, and what ministack gives one."""
    if isinstance(value, datetime):
        return {MOMENT: value.isoformat()}
    if isinstance(value, set | frozenset):
        return {SET: list(value)}
    return persistence._json_default(value)


def _read_object(value: dict[str, Any]) -> Any:
    if MOMENT in value:
        return datetime.fromisoformat(value[MOMENT])
    if SET in value:
        return set(value[SET])
    return persistence._json_object_hook(value)


def _states() -> dict[str, Any]:
    """What each service holds at one moment."""
    sys.setswitchinterval(ONE_CUT)
    states = {name: _held(get) for name, get in app._build_persistence_save_dict().items()}
    return {name: held for name, held in states.items() if held is not None}


def _held(get: Callable[[], Any]) -> Any:
    for _ in range(ATTEMPTS):
        with contextlib.suppress(RuntimeError):  # a dictionary changed while it was copied
            return get()
        time.sleep(SECONDS_BETWEEN)
    return get()
