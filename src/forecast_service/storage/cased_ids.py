"""The ids with capital letters among those of a forecast, by their lower case: queries find them in any case.

The shard of an item follows from its id as the data write it, so that another case of the id leads to another shard.
Each shard notes its own ids while the job works; one table of all of them stays.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from forecast_contract.sql import literal
from forecast_service.storage.bucket import WORK, Storage
from forecast_service.storage.database import database, shared_connection

_NOTES = f"{WORK}cased-ids/"
_TABLE = "cased-ids.parquet"


def note(storage: Storage, shard: int, item_ids: Iterable[str]) -> None:
    """Note those ids of a shard that have capital letters, if any."""
    cased = sorted({item_id for item_id in item_ids if item_id != item_id.lower()})
    if cased:
        storage.write_document(f"{_NOTES}{shard:04}.json", cased)


def gather(storage: Storage) -> bool:
    """Make the table of what all shards have noted. False where none has, and there is no table."""
    notes = list(storage.names(_NOTES))
    if not notes:
        return False
    ids = [item_id for cased in storage.read_documents(notes) for item_id in cased]
    with database() as (connection, folder):
        path = folder / _TABLE
        connection.execute(
            "COPY (SELECT unnest($1::VARCHAR[]) AS lower_case, unnest($2::VARCHAR[]) AS item_id ORDER BY ALL)"
            f" TO {literal(path)} (FORMAT parquet, COMPRESSION zstd)",
            [[item_id.lower() for item_id in ids], ids],
        )
        storage.upload(path, _TABLE)
    return True


def find(storage: Storage, item_id: str) -> list[str]:
    """The ids with capital letters that differ from an id in case alone; those of a storage with a table."""
    with tempfile.TemporaryDirectory(prefix="almanac-") as folder, shared_connection().cursor() as cursor:
        path = storage.download(_TABLE, Path(folder) / _TABLE)
        query = f"SELECT item_id FROM read_parquet({literal(path)}) WHERE lower_case = ?"
        return [found for (found,) in cursor.execute(query, [item_id.lower()]).fetchall()]
