"""Texts that a spreadsheet would take for a formula: files for people have an apostrophe before them.

Excel evaluates a cell of a CSV file that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return, quoted or
not. A number such as ``-5`` is harmless and stays. Texts that have such an apostrophe already get one more, so that
`unguarded` gives back what there was.
"""

import re

MARK = "'"
_LOOKS_LIKE_A_FORMULA = r"^'*[=+@\t\r-]"


def guarded_text(text: str) -> str:
    """The text as a file for people has it.

    >>> [guarded_text(text) for text in ("=1+1", "-5", "'=a", "apples", "'s-Hertogenbosch")]
    ["'=1+1", '-5', "''=a", 'apples', "'s-Hertogenbosch"]
    """
    return MARK + text if re.match(_LOOKS_LIKE_A_FORMULA, text) and not _is_number(text) else text


def guarded(expression: str) -> str:
    """`guarded_text` in duckdb's SQL, of an expression of type VARCHAR."""
    is_formula = f"regexp_matches({expression}, '{_pattern()}') AND TRY_CAST({expression} AS DOUBLE) IS NULL"
    return f"CASE WHEN {is_formula} THEN chr(39) || {expression} ELSE {expression} END"


def unguarded(expression: str) -> str:
    """The text in SQL of which `guarded` made what the expression is."""
    return f"CASE WHEN regexp_matches({expression}, '^''{_pattern()[1:]}') THEN {expression}[2:] ELSE {expression} END"


def _pattern() -> str:
    return _LOOKS_LIKE_A_FORMULA.replace("'", "''")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
