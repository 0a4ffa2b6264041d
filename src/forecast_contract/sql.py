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
