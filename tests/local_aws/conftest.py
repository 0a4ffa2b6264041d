"""The embedded AWS with the small stack deployed, and files that a person might have."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_aws.embedded.deployment import Deployment, deploy
from local_aws.embedded.launcher import embedded_aws

SMALL_STACK = Path(__file__).parent / "small_stack" / "template.yaml"


@pytest.fixture(scope="session")
def small_stack() -> Iterator[Deployment]:
    """One of everything that needs a hook, deployed."""
    with embedded_aws() as endpoint:
        yield deploy(endpoint, SMALL_STACK)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes text to a file and gives its path."""

    def write_text(text: str, name: str = "sales.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_text
