"""What the documents say is true: links lead somewhere, commands exist, and README.ko.md keeps step with README.md."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from forecast_engine import VERSION
from forecast_pipeline.parameters.read import read_parameters
from tests.project.resolved_template import project_template

PROJECT = Path(__file__).parent.parent.parent
READMES = [PROJECT / "README.md", PROJECT / "README.ko.md"]
DECISION = re.compile(r"# (\d{4}): (.+)\n\n(?:Status: (.+)\.\n)?")  # how a decision begins
TWINS = [  # documents in English and Korean
    "README.md",
    "dashboards/README.md",
    "docs/deploy.md",
    "docs/index.md",
    "docs/operating.md",
    "docs/reference/command.md",
    "docs/reference/python.md",
    "docs/report.md",
    "docs/tutorial.md",
    "glue/README.md",
    "samples/README.md",
]
DOCUMENTS = [*READMES, PROJECT / "CONTRIBUTING.md", PROJECT / "CHANGELOG.md", *sorted((PROJECT / "docs").rglob("*.md"))]


def code_blocks(text: str) -> list[tuple[str, str]]:
    """Language and content of every fenced block."""
    return re.findall(r"^ *```(\w*)\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """The commands of the shell blocks, without what is said about them."""
    lines = [line for language, block in code_blocks(text) if language == "sh" for line in block.splitlines()]
    return [line.partition(" #")[0].strip() for line in lines]


def headings(text: str) -> list[int]:
    """The level of every heading outside of code."""
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text())
    local = [link for link in links if not link.startswith("http")]
    assert [link for link in local if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", TWINS)
def test_a_korean_document_keeps_step_with_the_english_one(document: str) -> None:
    english, korean = (PROJECT.joinpath(document).with_suffix(ending).read_text() for ending in (".md", ".ko.md"))
    assert headings(korean) == headings(english)
    assert commands(korean) == commands(english)
    rows = [re.findall(r"^\| (`[A-Z].*?) \|", text, re.MULTILINE) for text in (english, korean)]  # of parameters
    assert rows[0] == rows[1]


@pytest.mark.parametrize("document", TWINS)
def test_a_korean_document_shows_what_the_english_one_shows(document: str) -> None:
    english, korean = (PROJECT.joinpath(document).with_suffix(ending).read_text() for ending in (".md", ".ko.md"))
    plain, korean_plain = (
        [block for language, block in code_blocks(text) if language in ("", "json", "sql")]
        for text in (english, korean)
    )
    assert len(plain) == len(korean_plain)
    different = [block for block, other in zip(plain, korean_plain, strict=True) if block != other]
    assert all(block.startswith("template.yaml") for block in different)  # the tree has words in it


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_make_target_and_every_folder_that_a_readme_names_exists(readme: Path) -> None:
    text = readme.read_text()
    targets = set(re.findall(r"^([a-z][\w-]*):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named_targets = {
        name for pair in re.findall(r"`make (\w+)`|^make (\w+)", text, re.MULTILINE) for name in pair if name
    }
    assert {"forecast", "test", "build"} <= named_targets <= targets
    tree = next(block for _, block in code_blocks(text) if block.startswith("template.yaml"))
    named = [name for line in tree.splitlines() for name in re.split(r"\s{2,}", line) if re.fullmatch(r"[\w/.]+", name)]
    assert len(named) > 10
    assert [name for name in named if not (PROJECT / name).exists()] == []


def test_the_params_json_of_the_readme_is_one_that_the_pipeline_takes() -> None:
    raw, whole = (json.loads(block) for language, block in code_blocks(READMES[0].read_text()) if language == "json")
    assert whole["AutoPredictor"]["ForecastHorizon"] == 28
    both = read_parameters(
        "params.json", json.dumps(whole | {"Pipeline": whole["Pipeline"] | raw["Pipeline"]}).encode()
    )
    assert (both.Pipeline.KeepRuns, both.Pipeline.RawData.Columns["item_id"].From) == (3, "상품")


def test_docs_deploy_says_of_every_parameter_of_the_template_what_it_is_for() -> None:
    section = (PROJECT / "docs" / "deploy.md").read_text().partition("## Parameters")[2].partition("\n## ")[0]
    named = [name for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE) for name in re.findall(r"\w+", row)]
    assert sorted(named) == sorted(project_template()["Parameters"])


def test_the_index_of_decisions_names_every_one_with_its_title_area_and_status() -> None:
    folder = PROJECT / "docs" / "decisions"
    areas = dict(re.findall(r"\b(0\d) ([^,.]+)[,.]", folder.joinpath("README.md").read_text().partition("| Number")[0]))
    rows = re.findall(r"^\| \[(\d{4})\]\((.+?)\) \| (.+) \| (.+) \| (.+) \|$", (folder / "README.md").read_text(), re.M)
    expected = []
    for path in sorted(folder.glob("[0-9]*.md")):
        number, title, status = DECISION.match(path.read_text()).groups()  # type: ignore[union-attr]  # the test's point
        assert path.name.startswith(f"{number}-")
        expected.append((number, path.name, title, status or "in force"))
    assert [(number, name, title, status) for number, name, _, title, status in rows] == expected
    assert all(number[:2] in areas for number, *_ in rows)
    assert len({(number[:2], area) for number, _, area, _, _ in rows}) == len(areas)


def test_no_line_of_the_benchmarks_is_too_wide_to_read() -> None:
    lines = (PROJECT / "docs" / "benchmarks.md").read_text().splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > 160] == []


def test_every_section_that_a_test_of_the_contract_cites_is_written() -> None:
    tests = "".join(path.read_text() for path in (PROJECT / "tests" / "contract").glob("*.py"))
    cited = set(re.findall(r"^def test_(\d+(?:_\d+)?)_[a-z]", tests, re.MULTILINE))
    contract = (PROJECT / "docs" / "amazon_forecast_contract.md").read_text()
    headings = {number.replace(".", "_") for number in re.findall(r"^## (\d[.\d]*?)\.? ", contract, re.MULTILINE)}
    items = {f"0_{number}" for number in re.findall(r"^(\d+)\. ", contract, re.MULTILINE)}
    assert len(cited) > 15
    assert cited - headings - items == set()


def test_the_engine_tells_the_version_of_the_project() -> None:
    assert tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"] == VERSION
