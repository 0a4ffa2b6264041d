"""A forecast as a notebook shows it."""

from html import escape
from typing import Any

import narwhals as nw

from almanac.measures import Accuracy
from forecast_language import said

ROWS = 10
STYLE = "white-space:pre-wrap;font-size:12px;margin:8px 0"


def html_of(frame: Any, accuracy: Accuracy, notes: tuple[str, ...]) -> str:
    """The first rows, accuracy beside seasonal naive, and what was guessed."""
    table = nw.from_native(frame, eager_only=True)
    head = table.head(ROWS).to_native()
    shown = head._repr_html_() if hasattr(head, "_repr_html_") else f"<pre>{escape(str(head))}</pre>"
    words = {"average wQL": said("average wQL"), "inside p10 to p90": said("inside p10 to p90")}
    rows = "".join(
        f"<tr><th>{words.get(name, name)}</th><td>{_number(one)}</td><td>{_number(other)}</td></tr>"
        for name, one, other in accuracy.rows
    )
    all_rows = said("{shown} of {rows} rows; .frame has them all", shown=ROWS, rows=len(table))
    more = f"<p>{all_rows}</p>" if len(table) > ROWS else ""
    naive, guessed, sentences = said("seasonal naive"), said("what was guessed"), escape("\n".join(notes))
    return (
        f"{shown}{more}<table><tr><th></th><th>Almanac</th><th>{naive}</th></tr>{rows}</table>"
        f'<details><summary>{guessed}</summary><pre style="{STYLE}">{sentences}</pre></details>'
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
