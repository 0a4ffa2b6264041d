"""Shards: the same in Python and in SQL, and finer ones within coarser ones."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_contract.sql import shard_sql
from forecast_service.storage.shards import MOST_SHARDS, shard_count_for, shard_of, shards_over

COUNTS = st.sampled_from([1, 2, 8, 64, 2048])


@given(item_ids=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=1), count=COUNTS)
def test_python_and_sql_agree_on_the_shard_of_an_item(item_ids: list[str], count: int) -> None:
    query = f"SELECT {shard_sql('item_id', count)} FROM (SELECT unnest($1::VARCHAR[]) AS item_id)"
    found = [row[0] for row in duckdb.execute(query, [item_ids]).fetchall()]
    assert found == [shard_of(item_id, count) for item_id in item_ids]


@given(item_id=st.text(), count=COUNTS, other=COUNTS)
def test_an_item_is_found_in_the_shards_over_its_own(item_id: str, count: int, other: int) -> None:
    assert shard_of(item_id, other) in shards_over(shard_of(item_id, count), count, other)


def test_items_spread_evenly_over_shards() -> None:
    counts = [0] * 16
    for number in range(16_000):
        counts[shard_of(f"item_{number:05}", 16)] += 1
    assert min(counts) > 900
    assert max(counts) < 1100


@pytest.mark.parametrize(
    ("csv_bytes", "count"), [(0, 1), (8 * 2**20, 1), (8 * 2**20 + 1, 2), (100 * 2**20, 16), (2**50, MOST_SHARDS)]
)
def test_the_number_of_shards_is_the_power_of_two_that_the_bytes_ask_for(csv_bytes: int, count: int) -> None:
    assert shard_count_for(csv_bytes) == count
