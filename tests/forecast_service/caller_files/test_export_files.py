"""Parts of exports."""

import pytest

from forecast_service.caller_files.export_files import parts_of


@pytest.mark.parametrize(("shards", "parts"), [(1, 1), (7, 7), (64, 10), (100, 10), (640, 10), (2048, 32)])
def test_parts_have_one_digit_unless_they_became_too_large(shards: int, parts: int) -> None:
    found = parts_of(list(range(shards)))
    assert len(found) == parts
    assert [shard for part in found for shard in part] == list(range(shards))


def test_no_shard_is_no_part() -> None:
    assert parts_of([]) == []
