"""Where a function's modules come from."""

from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from local_aws.embedded.lambda_process import module_path
from local_aws.project_folder import PROJECT_FOLDER

EXISTING = ["", str(PROJECT_FOLDER / "src"), "/python/site-packages"]


@pytest.mark.parametrize(
    ("extension", "layer_first"),
    [
        (EXTENSION_SUFFIXES[0], True),
        (".abi3.so", True),
        (".cpython-33-x86_64-linux-gnu.so", False),
        (".cpython-313-riscv64-linux-gnu.so", False),
    ],
)
def test_layers_come_first_unless_they_were_built_for_another_python(
    tmp_path: Path, extension: str, layer_first: bool
) -> None:
    module = tmp_path / "python" / "numbers_of_ours" / f"_fast{extension}"
    module.parent.mkdir(parents=True)
    module.touch()
    layer, third_party = str(tmp_path / "python"), "/python/site-packages"
    expected = [layer, third_party] if layer_first else [third_party, layer]
    assert module_path(EXISTING, str(tmp_path), "/task") == ["/task", *expected]


def test_no_module_comes_from_a_checkout_whichever_the_environment_was_made_for(tmp_path: Path) -> None:
    other = tmp_path / "other_checkout"
    for package in (other / "local_aws", other / "src" / "forecast_service"):
        package.mkdir(parents=True)
    (other / "pyproject.toml").touch()
    this_files = str(PROJECT_FOLDER / "local_aws" / "embedded")
    checkouts = ["", this_files, str(PROJECT_FOLDER), str(PROJECT_FOLDER / "src"), str(other), str(other / "src")]
    found = module_path([*checkouts, "/python/site-packages"], str(tmp_path), "/task")
    assert found == ["/task", str(tmp_path / "python"), "/python/site-packages"]
