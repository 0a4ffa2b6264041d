"""What carries the project on: workflows, forms, hooks and the site agree with Makefile and pyproject.toml."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.project.resolved_template import project_template

PROJECT = Path(__file__).parent.parent.parent
MAKEFILE = (PROJECT / "Makefile").read_text()
METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text())
FORMS = sorted(path for path in (PROJECT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")


class AnyTag(yaml.SafeLoader):
    """Reads mkdocs.yml, which names a function of Python by a tag."""


AnyTag.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, _, node: None)


def read(path: str) -> Any:
    return yaml.load((PROJECT / path).read_text(), AnyTag)  # noqa: S506  # a SafeLoader


def steps(workflow: str) -> list[str]:
    """The commands that a workflow runs."""
    return [
        step["run"]
        for job in read(f".github/workflows/{workflow}.yml")["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]


@pytest.mark.parametrize("workflow", ["test", "release"])
def test_a_workflow_runs_what_continuous_integration_runs_and_builds_the_site(workflow: str) -> None:
    assert "bash .ci/run" in steps(workflow)
    assert "make docs" in steps(workflow)
    made = {target for command in steps(workflow) for target in re.findall(r"make ([\w-]+)", command)}
    assert made <= set(re.findall(r"^([a-z][\w-]*):", MAKEFILE, re.MULTILINE))


def test_no_workflow_may_write_more_than_it_must() -> None:
    for path in (PROJECT / ".github" / "workflows").glob("*.yml"):
        workflow = read(path.relative_to(PROJECT).as_posix())
        assert workflow["permissions"] == {"contents": "read"}
        asked = {right for job in workflow["jobs"].values() for right in job.get("permissions", {})}
        assert asked <= {"id-token", "pages"}  # to publish on PyPI without a token, and the site


def test_a_release_is_tagged_with_the_version_of_the_package() -> None:
    check = next(command for command in steps("release") if "grep" in command)
    line = f'version = "{METADATA["project"]["version"]}"'
    assert line in (PROJECT / "pyproject.toml").read_text().splitlines()
    assert '"version = \\"${GITHUB_REF_NAME#v}\\""' in check


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_in_both_languages(form: Path) -> None:
    content = yaml.safe_load(form.read_text())
    assert re.search("[가-힣]", content["name"])
    for field in content["body"]:
        assert {"type", "id", "attributes"} <= set(field)
    assert any(re.search("[가-힣]", field["attributes"]["label"]) for field in content["body"])


def test_the_hooks_before_a_commit_run_what_make_check_runs() -> None:
    recipes = re.findall(r"^check[\w-]*:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    checks = {line.strip().removeprefix("$(BIN)/") for recipe in recipes for line in recipe.splitlines()}
    (local,) = read(".pre-commit-config.yaml")["repos"]
    entries = {hook["id"]: hook["entry"].removeprefix(".venv/bin/") for hook in local["hooks"]}
    assert {entries["format"], entries["lint"], entries["imports"]} <= checks


def test_the_development_container_sets_up_by_the_makefile() -> None:
    container = json.loads((PROJECT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"] == "make .venv/ready .venv-sam/ready"


def test_the_site_shows_every_document_and_both_languages_of_it() -> None:
    site = read("mkdocs.yml")

    def pages(part: Any) -> list[str]:
        if isinstance(part, str):
            return [part]
        return [page for each in (part.values() if isinstance(part, dict) else part) for page in pages(each)]

    def titles(part: Any) -> list[str]:
        if isinstance(part, dict):
            return [*part, *titles(list(part.values()))]
        return [title for each in part for title in titles(each)] if isinstance(part, list) else []

    shown = set(pages(site["nav"]))
    written = {path.relative_to(PROJECT / "docs").as_posix() for path in (PROJECT / "docs").rglob("*.md")}
    assert {page for page in written if not page.endswith(".ko.md") and not re.match(r"decisions/\d", page)} == shown
    (i18n,) = [plugin["i18n"] for plugin in site["plugins"] if isinstance(plugin, dict) and "i18n" in plugin]
    assert set(i18n["languages"][1]["nav_translations"]) == set(titles(site["nav"]))
    assert site["repo_url"] == METADATA["project"]["urls"]["Repository"]
    assert site["strict"] is True


def test_what_sam_publish_tells_of_the_project_is_what_pyproject_says() -> None:
    told = project_template()["Metadata"]["AWS::ServerlessRepo::Application"]
    project = METADATA["project"]
    assert told["SemanticVersion"] == project["version"]
    assert told["SpdxLicenseId"] == project["license"]
    assert told["SourceCodeUrl"] == told["HomePageUrl"] == project["urls"]["Repository"]
    assert [(PROJECT / told[name]).exists() for name in ("LicenseUrl", "ReadmeUrl")] == [True, True]
