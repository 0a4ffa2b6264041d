"""Rows and columns that sum up others: a spreadsheet's last line is no observation."""

import duckdb

from forecast_contract.sql import identifier
from forecast_language import counted
from local_aws.notations.timestamps import is_timestamp

WORDS = (
    *("total", "totals", "grand total", "subtotal", "sub-total", "sum", "sums", "overall", "all"),
    *("합계", "총계", "소계", "총합계", "총합", "누계", "계"),
    *("summe", "gesamt", "gesamtsumme", "zwischensumme", "gesamtergebnis", "insgesamt"),
    *("average", "avg", "mean", "median", "maximum", "max", "minimum", "min"),
    *("평균", "최대", "최소", "최댓값", "최솟값", "mittelwert", "durchschnitt"),
    *("somme", "total général", "suma", "totale", "totaal", "合計", "总计", "合计", "小計"),
)
PLACES = 3  # columns from the left in which such a word may stand first
MOST_SHARE = 0.1  # of all rows: where there are more, the word is a name like others
SHOWN_LINES = 5


def is_total(name: str) -> bool:
    """Whether a column called so sums up others.

    >>> is_total(" Total "), is_total("total sales")
    (True, False)
    """
    return name.strip().lower() in WORDS


def total_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...], rows: int
) -> list[tuple[int, str]]:
    """The lines of the rows whose first cell is a word for a sum, and that word.

    A row with a timestamp is one of an item called so.
    """
    words = ", ".join(f"'{word}'" for word in WORDS)
    # 'Total:' and 'TOTAL 2023' are such words too
    beginnings = ", ".join(sorted({f"'{word[:2]}'" for word in WORDS}))  # two letters rule out most cells at once
    tests = [
        rf"(lower(substr(ltrim({identifier(name)}), 1, 2)) IN ({beginnings}) AND "
        rf"lower(regexp_replace(trim({identifier(name)}), '\s*(\d{{4}})?\s*[:.]?$', '')) IN ({words}))"
        for name in columns[:PLACES]
    ]
    found = connection.execute(
        f"SELECT * FROM {table} WHERE {' OR '.join(tests)} LIMIT {int(rows * MOST_SHARE) + 2}"
    ).fetchall()
    if len(found) > max(1, rows * MOST_SHARE):
        return []
    totals = []
    for *cells, line in found:
        words_and_numbers = [cell for cell in cells if cell is not None and cell.strip()]
        if not any(is_timestamp(cell) for cell in words_and_numbers):
            totals.append((line, words_and_numbers[0].strip()))
    return totals


def sentence(totals: list[tuple[int, str]], name: str, noun: str = "line") -> str:
    """Which rows are left out, for the user."""
    words = ", ".join(dict.fromkeys(word for _, word in totals))
    lines = ", ".join(str(line) for line, _ in totals[:SHOWN_LINES]) + (", ..." * (len(totals) > SHOWN_LINES))
    if noun == "row":
        return counted(
            "left out    {words}: row {lines} of {file} ({number} row of totals)",
            "left out    {words}: rows {lines} of {file} ({number} rows of totals)",
            len(totals),
            words=words,
            lines=lines,
            file=name,
        )
    return counted(
        "left out    {words}: line {lines} of {file} ({number} row of totals)",
        "left out    {words}: lines {lines} of {file} ({number} rows of totals)",
        len(totals),
        words=words,
        lines=lines,
        file=name,
    )
