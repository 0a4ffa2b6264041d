"""The examples in docstrings are true, in whatever package they stand."""

import doctest
import importlib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
FOLDERS = {
    "local_aws": PROJECT,
    **{
        package: PROJECT / "src"
        for package in ("almanac", "forecast_contract", "forecast_language", "forecast_files", "forecast_engine")
    },
}
FOLDERS |= {package: PROJECT / "src" for package in ("forecast_pipeline", "forecast_service")}


def modules_with_examples() -> list[str]:
    """The modules, by their dotted names, that hold a line with ``>>>``."""
    return sorted(
        ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        for package, folder in FOLDERS.items()
        for path in (folder / package).rglob("*.py")
        if ">>> " in path.read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("module", modules_with_examples())
def test_the_examples_in_docstrings_are_true(module: str) -> None:
    results = doctest.testmod(importlib.import_module(module))
    assert results.attempted
    assert results.failed == 0
