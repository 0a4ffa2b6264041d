"""The embedded AWS with the small stack deployed, shared by the tests of this folder."""

from collections.abc import Iterator
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
