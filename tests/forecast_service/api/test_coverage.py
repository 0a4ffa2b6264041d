"""The coverage table is generated, and current."""

from pathlib import Path

from forecast_service.api.coverage import coverage_document
from forecast_service.api.operations import OPERATIONS
from forecast_service.api.validation import SERVICES, service_model

DOCS = Path(__file__).parents[3] / "docs"


def test_the_committed_table_is_current() -> None:
    assert (DOCS / "api_coverage.md").read_text() == coverage_document(), (
        "run: python -m forecast_service.api.coverage > docs/api_coverage.md"
    )


def test_the_table_lists_every_operation_of_both_models() -> None:
    lines = coverage_document().splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| Operation")]
    assert len(rows) == 63 + 2


def test_every_operation_that_amazon_has_is_answered_and_no_other() -> None:
    known = {name for service in SERVICES for name in service_model(service).operation_names}
    assert set(OPERATIONS) == known
