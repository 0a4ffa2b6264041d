"""docs/deploy.md says in which regions of AWS the template can be deployed, and cfn-lint's schemas agree."""

import json
import re
from pathlib import Path

import boto3
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs
from cfnlint.helpers import REGIONS
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from tests.project.expanded_template import expanded_template
from tests.project.resolved_template import project_template

PROJECT = Path(__file__).parent.parent.parent
QUICKSIGHT = {"AWS::QuickSight::Dashboard", "AWS::QuickSight::DataSet", "AWS::QuickSight::DataSource"}


def regions_said(document: str) -> list[set[str]]:
    """The regions of each row of the table of regions."""
    text = (PROJECT / "docs" / document).read_text(encoding="utf-8")
    rows = re.findall(r"^\|[^|]*\| (`[a-z]+-[a-z]+-\d`.*) \|$", text, re.MULTILINE)
    return [set(re.findall(r"`([a-z0-9-]+)`", row)) for row in rows]


def types_missing() -> dict[str, set[str]]:
    """Region of AWS's common partition -> the resource types of the template, as SAM expands it, that are not there."""
    types = {resource["Type"] for resource in expanded_template(project_template())["Resources"].values()}
    session = boto3.Session()
    regions = [region for region in REGIONS if session.get_partition_for_region(region) == "aws"]
    return {region: types - set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region)) for region in regions}


def test_each_region_stands_in_the_row_of_what_it_lacks() -> None:
    missing = types_missing()
    without_urls = {region for region, types in missing.items() if "AWS::Lambda::Url" in types}
    everything = {region for region, types in missing.items() if not types}
    without_quicksight = missing.keys() - everything - without_urls
    assert all(missing[region] == QUICKSIGHT for region in without_quicksight)
    for document in ("deploy.md", "deploy.ko.md"):
        assert regions_said(document) == [everything, without_quicksight, without_urls]
    assert {"us-east-1", "ap-northeast-2", "eu-west-1"} <= everything


def test_a_stack_is_refused_before_it_is_made_where_there_are_no_function_urls() -> None:
    template = expanded_template(project_template())
    (assertion,) = template["Rules"]["FunctionUrlsAreThere"]["Assertions"]
    ((refused, region),) = (negated["Fn::Contains"] for negated in assertion["Assert"]["Fn::Not"])
    assert region == {"Ref": "AWS::Region"}
    without = [name for name in REGIONS if "AWS::Lambda::Url" not in PROVIDER_SCHEMA_MANAGER.get_resource_types(name)]
    assert refused == sorted(without)


def test_cfn_lint_finds_nothing_in_the_expanded_template_in_any_region_that_has_everything(tmp_path: Path) -> None:
    path = tmp_path / "expanded.json"
    path.write_text(json.dumps(expanded_template(project_template())))
    regions = ManualArgs(regions=sorted(regions_said("deploy.md")[0]))
    # W3005: SAM repeats in DependsOn what a Ref says already.
    assert [str(match) for match in lint_file(path, regions) if match.rule.id != "W3005"] == []
