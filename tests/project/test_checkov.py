"""Each finding of checkov in the template is mended, or has a reason in the table of decision 0628."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.project.expanded_template import expanded_template
from tests.project.resolved_template import project_template

PROJECT = Path(__file__).parent.parent.parent
CHECKOV = PROJECT / ".venv-checkov" / "bin" / "checkov"
DECISION = PROJECT / "docs" / "decisions" / "0628-what-checkov-finds.md"
EVERY_FUNCTION = "every function"


def reasoned(functions: set[str]) -> dict[str, set[str]]:
    """Check -> the resources for which the table has a reason."""
    rows = re.findall(
        r"^\| `(CKV_\w+)` \|[^|]*\| ([^|]*) \| [^|]+ \|$", DECISION.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {
        check: functions if where == EVERY_FUNCTION else set(re.findall(r"`(\w+)`", where)) for check, where in rows
    }


def found(template: dict[str, Any], folder: Path) -> dict[str, set[str]]:
    """Check -> the resources that fail it."""
    path = folder / "expanded.json"
    path.write_text(json.dumps(template))
    given = ["--file", path, "--framework", "cloudformation", "--soft-fail"]
    command = [CHECKOV, *given, "--output", "json", "--compact", "--quiet"]  # its JSON of whole resources does not work
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert report["summary"]["parsing_errors"] == 0
    findings: dict[str, set[str]] = {}
    for finding in report["results"]["failed_checks"]:
        findings.setdefault(finding["check_id"], set()).add(finding["resource"].split(".")[-1])
    return findings


@pytest.mark.skipif(not CHECKOV.exists(), reason="there is no checkov here: make checkov")
def test_what_checkov_finds_and_what_has_a_reason_are_the_same(tmp_path: Path) -> None:
    template = expanded_template(project_template())
    functions = {name for name, body in template["Resources"].items() if body["Type"] == "AWS::Lambda::Function"}
    assert found(template, tmp_path) == reasoned(functions)


def test_the_table_of_reasons_names_resources_of_the_template() -> None:
    resources = expanded_template(project_template())["Resources"].keys()
    table = reasoned({"ForecastApiFunction"})
    assert len(table) > 5
    assert {name for names in table.values() for name in names} <= resources
