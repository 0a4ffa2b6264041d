"""docs/deploy.md says what an account needs: rights, memory, prefixes. The template says the same."""

import json
import re
from pathlib import Path

import pytest

from tests.project.expanded_template import expanded_template
from tests.project.resolved_template import project_template, resolved

PROJECT = Path(__file__).parent.parent.parent
PAGES = ("deploy.md", "deploy.ko.md")
# What IAM calls a service whose resources CloudFormation calls otherwise.
NAMES_IN_IAM = {"stepfunctions": "states"}
NEVER_BY_NAME = {"cloudformation"}  # the stack itself is no resource of its template


def table_under(page: str, number: int) -> str:
    """The text of a page below its heading of this number, counted from 0, as far as the next heading."""
    text = (PROJECT / "docs" / page).read_text(encoding="utf-8")
    return re.split(r"^## .*$", text, flags=re.MULTILINE)[number + 1]


@pytest.fixture(scope="module")
def headings() -> list[str]:
    """The headings of the English page; those of the Korean one stand in the same order (test_documents.py)."""
    return re.findall(r"^## (.*)$", (PROJECT / "docs" / "deploy.md").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_the_rights_to_deploy_are_those_of_the_services_in_the_template(page: str, headings: list[str]) -> None:
    types = {resource["Type"] for resource in expanded_template(project_template())["Resources"].values()}
    services = {name.split("::")[1].lower() for name in types}
    cells = re.findall(
        r"\| ((?:`[a-z0-9]+`(?:, )?)+) \|$", table_under(page, headings.index("Who deploys")), re.MULTILINE
    )
    said = {service for cell in cells for service in re.findall(r"`([a-z0-9]+)`", cell)}
    assert said == {NAMES_IN_IAM.get(service, service) for service in services} | NEVER_BY_NAME


@pytest.mark.parametrize("page", PAGES)
def test_no_function_asks_for_more_memory_than_the_page_says(page: str, headings: list[str]) -> None:
    functions = [
        body["Properties"]
        for body in resolved(expanded_template(project_template()))["Resources"].values()
        if body["Type"] == "AWS::Lambda::Function"
    ]
    most = max(int(properties["MemorySize"]) for properties in functions)
    assert f"{most:,} MB" in table_under(page, headings.index("Quotas of a new account"))


@pytest.mark.parametrize("page", PAGES)
def test_each_prefix_that_a_role_may_touch_stands_in_the_table(page: str, headings: list[str]) -> None:
    stack = resolved(project_template(), NotebookInstanceType="ml.t3.medium")
    touched = set(re.findall(r"DataBucket\.Arn/([a-z_]+/)", json.dumps(stack)))
    table = table_under(page, headings.index("Prefixes of the data bucket"))
    said = {f"{prefix.split('/')[0]}/" for prefix in re.findall(r"`([a-z_]+/[^`]*)`", table)}
    assert len(touched) > 10
    assert touched <= said
