"""The rows of a target, for the tests of what becomes of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local_aws.guessing.roles import guess_roles
from local_aws.guessing.table import open_table
from local_aws.periods.observations import Observations
from tests.local_aws.small_files import lines


@pytest.fixture
def rows_of(write: Callable[..., Path]) -> Callable[..., Observations]:
    """Opens lines as the rows of a target."""

    def read(*rows: str) -> Observations:
        table = open_table(write(lines(*rows)))
        return Observations.of(table, guess_roles(table))

    return read
