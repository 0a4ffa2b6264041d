"""The notebook as it lies in the tree: two forms of one text, two languages, and no word about where it runs."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parent.parent.parent
SCRIPT = PROJECT / "notebooks" / "one_time_analysis.py"
NOTEBOOK = SCRIPT.with_suffix(".ipynb")


@pytest.fixture(scope="module")
def notebooks() -> tuple[Any, Any]:
    """The script and the .ipynb, both read as notebooks."""
    import jupytext  # noqa: PLC0415 - no other test waits for it

    return jupytext.read(SCRIPT), jupytext.read(NOTEBOOK)


def test_the_notebook_is_the_script_with_nothing_run(notebooks: tuple[Any, Any]) -> None:
    """Where it is not: .venv/bin/jupytext --update --to ipynb notebooks/one_time_analysis.py"""
    script, notebook = ([(cell.cell_type, cell.source) for cell in each.cells] for each in notebooks)
    assert notebook == script
    ran = [cell for cell in notebooks[1].cells if cell.get("outputs") or cell.get("execution_count")]
    assert ran == []


def test_every_cell_of_text_is_in_english_and_in_korean(notebooks: tuple[Any, Any]) -> None:
    texts = [cell.source for cell in notebooks[0].cells if cell.cell_type == "markdown"]
    assert len(texts) > 9
    for text in texts:
        paragraphs = [part for part in text.split("\n\n") if not part.startswith("#")]
        headings = [line for line in text.splitlines() if line.startswith("#")]
        korean = [bool(re.search(r"[가-힣]", paragraph)) for paragraph in paragraphs]
        assert korean == [False, True], text
        assert all(re.search(r"[A-Za-z]{2,} / .*[가-힣]|[A-Za-z?]+ / .*[가-힣]", heading) for heading in headings), text


def test_no_cell_names_an_endpoint_a_key_or_a_region(notebooks: tuple[Any, Any]) -> None:
    code = "\n".join(cell.source for cell in notebooks[0].cells if cell.cell_type == "code")
    assert re.findall(r"https?://|endpoint_url\s*=|region_name|aws_access_key|\blocalhost\b|127\.0\.0\.1", code) == []


def test_the_cells_need_what_the_image_of_sagemaker_has(notebooks: tuple[Any, Any]) -> None:
    code = "\n".join(cell.source for cell in notebooks[0].cells if cell.cell_type == "code")
    imported = set(re.findall(r"^(?:import|from) (\w+)", code, re.MULTILINE))
    assert imported - sys.stdlib_module_names == {"boto3", "matplotlib", "pandas"}
