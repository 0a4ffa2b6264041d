"""Names and texts as SQL takes them: schemas may call a column like a word of SQL, and values may hold quotes."""

from pathlib import Path


def identifier(name: str) -> str:
    """A name as an identifier of SQL.

    >>> identifier('order')
    '"order"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str | Path) -> str:
    """Text as a string of SQL.

    >>> literal("o'clock")
    "'o''clock'"
    """
    return "'" + str(text).replace("'", "''") + "'"


def shard_sql(column: str, shard_count: int) -> str:
    """The SQL expression for the shard, of a power of two of them, of the text in ``column`` (decision 0302).

    >>> shard_sql("item_id", 8)
    '(md5_number_lower(item_id) & 7)::INTEGER'
    """
    return f"(md5_number_lower({column}) & {shard_count - 1})::INTEGER"
