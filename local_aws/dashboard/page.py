"""The page of the dashboard: the report's parts, and its own."""

from importlib.resources import files
from typing import Any

from forecast_pipeline.publishing.outputs.report_page import PARTS, page, part

TEMPLATE = files("local_aws.dashboard") / "page_template"


def dashboard_page(data: dict[str, Any]) -> str:
    """The page over what ``page_data`` gives: one HTML file, with nothing fetched."""
    scripts = [*(part(name) for name in PARTS), _part("dashboard.js")]
    return page(_part("dashboard.html"), part("report.css") + _part("dashboard.css"), scripts, data)


def _part(name: str) -> str:
    return (TEMPLATE / name).read_text(encoding="utf-8")
