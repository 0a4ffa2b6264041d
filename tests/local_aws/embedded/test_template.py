"""The template is read as CloudFormation's own linter reads it."""

from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from local_aws.embedded.template import read_template

PROJECT = Path(__file__).parents[3]
SMALL_STACK = Path(__file__).parents[1] / "small_stack" / "template.yaml"


def plain(node: Any) -> Any:
    """cfn-lint's nodes as the plain values they stand for, with both spellings of GetAtt alike."""
    if isinstance(node, dict):
        return {
            str(key): _get_att(plain(value)) if key == "Fn::GetAtt" else plain(value) for key, value in node.items()
        }
    if isinstance(node, list):
        return [plain(value) for value in node]
    return str(node) if isinstance(node, str) else node


def _get_att(value: Any) -> Any:
    return value.split(".", 1) if isinstance(value, str) else value


@pytest.mark.parametrize("path", [PROJECT / "template.yaml", SMALL_STACK])
def test_short_forms_dates_and_anchors_mean_what_the_linter_says(path: Path) -> None:
    assert plain(read_template(path)) == plain(cfn_yaml.load(str(path)))
