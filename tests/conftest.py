"""What every test may use: the handlers, loaded from their folders as Lambda loads them."""

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.quick_moto import quick_moto

PROJECT = Path(__file__).parent.parent
LONG = ("whole_way", "project")  # folders whose tests take longest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that workers that share the tests have short ones to share at the end."""
    folders = [*LONG, *sorted({_folder(item) for item in items} - {*LONG})]
    items.sort(key=lambda item: folders.index(_folder(item)))


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(PROJECT / "tests").parts[0] if item.path.is_relative_to(PROJECT / "tests") else ""


@pytest.fixture(scope="session", autouse=True)
def moto_is_quick() -> Iterator[None]:
    """See ``quick_moto``."""
    with quick_moto():
        yield


def load_app(name: str) -> ModuleType:
    """Import ``functions/<name>/app.py`` freshly, so that it reads the environment the test has set."""
    path = PROJECT / "functions" / name / "app.py"
    spec = importlib.util.spec_from_file_location(f"function_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def load_function() -> Callable[[str], ModuleType]:
    """See ``load_app``."""
    return load_app


@pytest.fixture
def load_event() -> Callable[[str], dict[str, Any]]:
    """Read ``events/<name>.json``, the document as it reaches the function of that name."""

    def load(name: str) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((PROJECT / "events" / f"{name}.json").read_text())
        return event

    return load


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """See ``set_aws_environment``."""
    set_aws_environment(monkeypatch)


def set_aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials and a region that belong to nobody, as moto wants them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "true")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "FORECAST")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "almanac")
