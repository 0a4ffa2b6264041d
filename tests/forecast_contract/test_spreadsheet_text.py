"""What a spreadsheet would evaluate is marked, and the mark comes off again."""

import duckdb
import pytest

from forecast_contract.spreadsheet_text import guarded, guarded_text, unguarded

MARKED = {
    "=1+1": "'=1+1",
    '=HYPERLINK("http://x")': '\'=HYPERLINK("http://x")',
    "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0",
    "-2+3": "'-2+3",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t=1",
    "\r=1": "'\r=1",
    "'=1": "''=1",
    "''@": "'''@",
}
AS_IT_IS = ["", "apples", "a=b", "-5", "+1.5", "'", "'s-Hertogenbosch", "한글", " =1", "1-2"]


@pytest.mark.parametrize(("text", "written"), [*MARKED.items(), *((text, text) for text in AS_IT_IS)])
def test_a_text_is_marked_where_a_spreadsheet_would_evaluate_it_and_read_back(text: str, written: str) -> None:
    assert guarded_text(text) == written
    there, back = duckdb.execute(f"SELECT {guarded('$1')}, {unguarded(guarded('$1'))}", [text]).fetchall()[0]
    assert (there, back) == (written, text)
