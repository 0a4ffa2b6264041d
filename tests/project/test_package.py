"""The wheel holds what a checkout has, each file once, and forecasts where neither checkout nor home nor tools are."""

import csv
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest

from local_aws.embedded.deployment import layer_packages
from local_aws.project_folder import package_folder
from tests.project.resolved_template import project_template

PROJECT = Path(__file__).parent.parent.parent
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
PACKAGES = sorted([path.parent for path in PROJECT.glob("src/*/__init__.py")] + [PROJECT / "local_aws"])
FOLDERS = ["functions", "statemachine", "events", "glue", "samples", "dashboards"]
FILES = [
    "template.yaml",
    "samconfig.toml",
    "src/Makefile",
    *(f"requirements/{layer}.txt" for layer in ("pipeline", "service", "openmp")),
]
IN_THE_WHEEL = "almanac/project"


def files_below(folder: Path) -> list[str]:
    """Without what Python leaves there."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [path.as_posix() for path in paths if "__pycache__" not in path.parts]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the build system that is installed here: nothing is fetched."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel; what the wheel needs it has from the development environment."""
    environment = tmp_path_factory.mktemp("environment with a space")
    uv = [Path(sys.executable).with_name("uv"), "--offline", "--quiet", "--no-python-downloads"]
    subprocess.run([*uv, "venv", "--allow-existing", "--python", sys.executable, environment], check=True)
    site_packages = next(environment.glob("lib/python*/site-packages"))
    (site_packages / "locked.pth").write_text(f"{Path(pytest.__file__).parent.parent}\n")
    subprocess.run([*uv, "pip", "install", "--no-deps", "--python", environment, wheel], check=True)
    return environment


def test_the_wheel_holds_what_is_imported_and_what_sam_deploys_each_once(wheel: Path) -> None:
    imported = [f"{package.name}/{name}" for package in PACKAGES for name in files_below(package)]
    deployed = [*FILES, *(f"{folder}/{name}" for folder in FOLDERS for name in files_below(PROJECT / folder))]
    wanted = imported + [f"{IN_THE_WHEEL}/{name}" for name in deployed]
    with zipfile.ZipFile(wheel) as archive:
        found = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert sorted(found) == sorted(wanted)


def test_what_the_template_names_by_a_local_path_lies_in_the_wheel(wheel: Path) -> None:
    paths = [
        str(path)
        for resource in project_template()["Resources"].values()
        for properties in [resource.get("Properties", {}), resource.get("Properties", {}).get("Command", {})]
        for name in ("CodeUri", "ContentUri", "DefinitionUri", "ScriptLocation")
        if isinstance(path := properties.get(name), str)
    ]
    assert paths
    with zipfile.ZipFile(wheel) as archive:
        assert [
            path
            for path in paths
            if not zipfile.Path(archive, f"{IN_THE_WHEEL}/{path}").exists()
            and not zipfile.Path(archive, f"{IN_THE_WHEEL}/{path}/").exists()
        ] == []


def test_the_installed_command_forecasts_far_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "매장 자료"
    folder.mkdir()
    rows = [
        f"{year}-{month:02},{item},{100 + 10 * month}"
        for item in ("사과", "배")
        for year in (2022, 2023)
        for month in range(1, 13)
    ]
    (folder / "판매 실적.csv").write_text("\n".join(["날짜,품목,판매량", *rows]) + "\n")
    (folder / "duckdb.py").write_text("raise RuntimeError('somebody else\\'s')\n")
    done = subprocess.run(
        [installed / "bin" / "almanac", "forecast", "판매 실적.csv", "--horizon", "2", "--out", "예측 결과"],
        check=False,
        cwd=folder,
        env={"PATH": "", "HOME": os.devnull, "TMPDIR": str(tmp_path)},  # neither make nor git nor a home
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    with (folder / "예측 결과" / "forecast.csv").open(encoding="utf-8-sig") as file:
        forecast = list(csv.DictReader(file))
    assert len(forecast) == 2 * 2


def test_a_layer_holds_the_packages_that_make_copies_between_folders_with_spaces(tmp_path: Path) -> None:
    project = tmp_path / "a project"
    project.mkdir()
    (project / "src").symlink_to(PROJECT / "src")
    for layer in ("PipelineLayer", "ServiceLayer"):
        target = tmp_path / f"{layer} built"
        makefile = project / "src" / "Makefile"
        subprocess.run(["make", "--silent", "-f", makefile, f"copy-{layer}", f"ARTIFACTS_DIR={target}"], check=True)
        packages = layer_packages(makefile, layer)
        assert sorted(path.name for path in (target / "python").iterdir()) == sorted(packages)
        assert all(package_folder(name, PROJECT / "src" / "nowhere").name == name for name in packages)


def test_a_package_that_stands_in_two_lists_has_one_range() -> None:
    lists = [PYPROJECT["project"]["dependencies"], *PYPROJECT["dependency-groups"].values()]
    lists += [PYPROJECT["project"]["optional-dependencies"][name] for name in ("notebook",)]
    ranges = defaultdict(set)
    for requirement in (requirement for each in lists for requirement in each):
        name, extras_and_range = re.fullmatch(r"([\w-]+)(.*)", requirement).groups()  # type: ignore[union-attr]
        ranges[name].add(extras_and_range)
    assert {name: found for name, found in ranges.items() if len(found) > 1} == {}


def test_every_package_that_is_needed_has_both_ends_of_its_range() -> None:
    needed = PYPROJECT["project"]["dependencies"]
    assert [each for each in needed if not re.search(r"==|>=[\d.]+,<", each)] == []
