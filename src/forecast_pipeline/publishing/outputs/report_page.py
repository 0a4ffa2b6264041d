"""The report as one HTML file that opens offline: the template's parts and the data, with nothing fetched."""

import base64
import hashlib
import json
import math
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

TEMPLATE = files("forecast_pipeline.publishing.outputs") / "report_template"
WORDS = "page_words.json"  # each text of our pages by its name, in English and in Korean
STAGE = "stage.html"  # the list of items, and the chart of the one that is chosen
# What other pages of ours are made of, too; in one closure, so that each may use names of the others.
PARTS = ("page_parts.js", "words.js", "item_list.js", "chart.js", "zoom.js", "reading.js")
SCRIPTS = (*PARTS, "stored.js", "page_text.js", "report.js")
_DATA = 'id="data">'
OPENING = """"use strict";
// Draws the page from the JSON in #data. Everything from the data enters the page as text, never as markup.
(() => {
"""
CLOSING = "})();\n"


def report_page(data: dict[str, Any]) -> str:
    """The report over the data of a run."""
    return page(part("report.html"), part("report.css"), [part(name) for name in SCRIPTS], data)


def page(template: str, style: str, scripts: Sequence[str], data: dict[str, Any]) -> str:
    """Fill a template that has the places {{policy}}, {{style}}, {{stage}}, {{script}} and {{data}}.

    Names of items are other people's words: they are only ever data. The JSON cannot close its element, the script
    puts text into the page as text, and the page's own policy runs no script but that one.
    """
    script = "\n".join([OPENING + f"const WORDS = {part(WORDS)};", *scripts]) + CLOSING
    filled = template
    for placeholder, content in (
        ("{{policy}}", f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'"),
        ("{{style}}", style),
        ("{{stage}}", part(STAGE)),
        ("{{script}}", script),
        ("{{data}}", _json_for_html(data)),  # last: data may hold anything, placeholders too
    ):
        filled = filled.replace(placeholder, content)
    return filled


def page_number(value: float) -> float | None:
    """A number as a page carries it: five digits are more than a chart shows, and a third of the bytes."""
    if not math.isfinite(value):
        return None
    rounded = float(f"{value:.5g}")
    return int(rounded) if rounded.is_integer() else rounded


def part(name: str) -> str:
    """The text of a part of the report's template."""
    return (TEMPLATE / name).read_text(encoding="utf-8")


def data_of(page: str) -> dict[str, Any]:
    """The data of a page that ``report_page`` made."""
    data: dict[str, Any] = json.loads(page.partition(_DATA)[2].partition("</script>")[0])
    return data


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _json_for_html(data: dict[str, Any]) -> str:
    """JSON in which no ``<``, ``>`` or ``&`` is left, so that no text can end the element or begin a comment."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
