"""The real template on the embedded AWS, deployed once for all tests of this folder."""

from collections.abc import Iterator

import pytest

from local_aws.embedded.deployment import Deployment, deploy
from local_aws.embedded.launcher import embedded_aws
from tests.glue.small_spark import small_spark
from tests.whole_way.rights import Rights
from tests.whole_way.stack import PROJECT, Stack

pytest.register_assert_rewrite("tests.whole_way.training_story")  # its steps assert, and should say what they found


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """template.yaml on the embedded AWS, which refuses what roles do not allow, once for all tests.

    At the end no call was denied, and no right was used that `used_rights.json` does not know.
    """
    record = tmp_path_factory.mktemp("iam") / "record"
    record.touch()
    with small_spark(tmp_path_factory.mktemp("spark")), embedded_aws(iam_record=record) as endpoint:
        yield deploy(endpoint, PROJECT / "template.yaml")
    rights = Rights(record)
    assert rights.denied == []
    assert rights.unknown() == {}, "add these to tests/whole_way/used_rights.json"


@pytest.fixture(scope="session")
def stack(deployed: Deployment) -> Stack:
    """The stack, with a mail box of its own that all tests share."""
    return Stack(deployed)
