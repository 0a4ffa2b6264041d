"""When an embedded AWS starts before its caller needs it, and that it is gone when the caller fails meanwhile."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws.embedded import running
from local_aws.embedded.deployment import Deployment
from local_aws.embedded.running import LENIENT, Strictness, announced, started_early


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What starts and stops, in the cache folder of somebody who has no `almanac up`."""
    told: list[str] = []

    @contextlib.contextmanager
    def starting_aws(*_: Any, **_options: Any) -> Iterator[Callable[[], str]]:
        told.append("started")
        try:
            yield lambda: "http://127.0.0.1:9"
        finally:
            told.append("stopped")

    monkeypatch.setattr(running, "starting_aws", starting_aws)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    return told


def test_where_none_is_up_one_starts_at_once_and_is_gone_when_the_caller_fails(log: list[str]) -> None:
    with started_early(None, LENIENT) as deployment:
        assert (deployment is not None, log) == (True, ["started"])
    assert log == ["started", "stopped"]
    log.clear()
    with pytest.raises(ZeroDivisionError), started_early(None, LENIENT):
        raise ZeroDivisionError
    assert log == ["started", "stopped"]


def test_where_one_may_be_up_none_starts_early(log: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with started_early("http://127.0.0.1:9", LENIENT) as named:
        assert named is None
    with announced(Deployment("http://127.0.0.1:9", {})), started_early(None, LENIENT) as of_one_that_is_up:
        assert of_one_that_is_up is None
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with started_early(None, LENIENT) as of_environment:
        assert of_environment is None
    assert log == []


def test_one_that_refuses_is_always_a_fresh_one(log: list[str]) -> None:
    with announced(Deployment("http://127.0.0.1:9", {})), started_early(None, Strictness(slots=4)) as deployment:
        assert deployment is not None
    assert log == ["started", "stopped"]
