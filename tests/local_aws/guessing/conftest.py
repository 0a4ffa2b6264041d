"""A table of a text, for the tests that guess what is in one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local_aws.guessing.table import Table, open_table


@pytest.fixture
def table(write: Callable[..., Path]) -> Callable[[str], Table]:
    """Opens a text as a table."""
    return lambda text: open_table(write(text))
