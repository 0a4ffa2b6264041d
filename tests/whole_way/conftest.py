"""The real template on the embedded AWS, deployed once for all tests of this folder."""

from collections.abc import Iterator

import pytest

from local_aws.embedded.deployment import Deployment, deploy
from local_aws.embedded.launcher import embedded_aws
from tests.whole_way.stack import PROJECT, Stack

pytest.register_assert_rewrite("tests.whole_way.training_story")  # its steps assert, and should say what they found


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployment]:
    """template.yaml on the embedded AWS, once for all tests."""
    with embedded_aws() as endpoint:
        yield deploy(endpoint, PROJECT / "template.yaml")


@pytest.fixture(scope="session")
def stack(deployed: Deployment) -> Stack:
    """The stack, with a mail box of its own that all tests share."""
    return Stack(deployed)
