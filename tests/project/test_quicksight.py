"""QuickSight in the template: nothing without a principal, all of it with one, and what AWS's own schemas say of it."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from cfnlint.decode.cfn_yaml import load

PROJECT = Path(__file__).parent.parent.parent
TEMPLATE = PROJECT / "template.yaml"
ACCOUNT = "123456789012"
PRINCIPAL = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:user/default/analyst"
PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": "us-east-1", "AWS::Partition": "aws", "AWS::StackName": "shop"}
QUICKSIGHT = {
    "QuickSightRole": "AWS::IAM::Role",
    "QuickSightDataSource": "AWS::QuickSight::DataSource",
    "QuickSightForecastDataSet": "AWS::QuickSight::DataSet",
    "QuickSightAccuracyDataSet": "AWS::QuickSight::DataSet",
    "QuickSightRunsDataSet": "AWS::QuickSight::DataSet",
    "QuickSightDashboard": "AWS::QuickSight::Dashboard",
}
COLUMN_TYPES = {
    "string": "STRING",
    "timestamp": "DATETIME",
    "double": "DECIMAL",
    "bigint": "INTEGER",
}  # Glue, QuickSight


@lru_cache(maxsize=1)
def template() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json.dumps(load(str(TEMPLATE)), default=str))
    return loaded


class Stack:
    """The template as CloudFormation would make it with these parameters: conditions decided, names put in."""

    def __init__(self, **parameters: str) -> None:
        self.template = template()
        defaults = {name: body.get("Default", "") for name, body in self.template["Parameters"].items()}
        self.parameters = defaults | parameters
        self.resources = {
            name: body
            for name, body in self.template["Resources"].items()
            if "Condition" not in body or self.holds(self.template["Conditions"][body["Condition"]])
        }

    def holds(self, condition: Any) -> bool:
        ((function, argument),) = condition.items()
        if function == "Condition":
            return self.holds(self.template["Conditions"][argument])
        if function == "Fn::Equals":
            first, second = (self.value(each) for each in argument)
            return bool(first == second)
        results = [self.holds(each) for each in argument]
        return {"Fn::Not": not results[0], "Fn::And": all(results), "Fn::Or": any(results)}[function]

    def value(self, node: Any) -> Any:
        """The node with every function of CloudFormation in it answered; an ARN is of the form that QuickSight has."""
        if isinstance(node, list):
            return [self.value(each) for each in node]
        if not isinstance(node, dict) or not node:
            return node
        (function, argument), *others = node.items()
        if not others and isinstance(argument, (str, list)) and function in self.functions:
            return self.functions[function](argument)
        return {name: self.value(each) for name, each in node.items()}

    @property
    def functions(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "Ref": lambda name: (self.parameters | PSEUDO).get(name, name),
            "Fn::GetAtt": lambda path: f"arn:aws:quicksight:us-east-1:{ACCOUNT}:of/{''.join(path).partition('.')[0]}",
            "Fn::Sub": self.substituted,
            "Fn::If": lambda parts: self.value(parts[1 if self.holds({"Condition": parts[0]}) else 2]),
        }

    def substituted(self, argument: str | list[Any]) -> str:
        text, names = argument if isinstance(argument, list) else (argument, {})
        return re.sub(r"\$\{([\w:]+)\}", lambda match: str(self.value(names.get(match[1], {"Ref": match[1]}))), text)

    def properties(self, name: str) -> Any:
        return self.value(self.resources[name]["Properties"])


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack(QuickSightPrincipalArn=PRINCIPAL)


def test_without_a_principal_there_is_nothing_of_quicksight() -> None:
    stack = Stack()
    assert [name for name in stack.resources if "QuickSight" in name or name == "RefreshDashboardPolicy"] == []
    assert [name for name, body in stack.resources.items() if "QuickSight" in body["Type"]] == []
    assert (
        stack.value(stack.template["Resources"]["ForecastPipeline"]["Properties"]["DefinitionSubstitutions"])[
            "DashboardDataSets"
        ]
        == "none"
    )


def test_with_a_principal_there_is_all_of_it(stack: Stack) -> None:
    made = {name: body["Type"] for name, body in stack.resources.items() if "QuickSight" in name}
    assert made == QUICKSIGHT
    assert set(stack.resources) - set(Stack().resources) == {*QUICKSIGHT, "RefreshDashboardPolicy"}


def test_the_pipeline_refreshes_the_data_sets_of_the_template_and_may_refresh_no_others(stack: Stack) -> None:
    data_sets = {name: stack.properties(name)["DataSetId"] for name in QUICKSIGHT if name.endswith("DataSet")}
    assert stack.properties("ForecastPipeline")["DefinitionSubstitutions"]["DashboardDataSets"] == ",".join(
        data_sets.values()
    )
    (statement,) = stack.resources["RefreshDashboardPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "quicksight:CreateIngestion"
    assert statement["Resource"] == [{"Fn::Sub": f"${{{name}.Arn}}/ingestion/*"} for name in data_sets]


def test_what_asks_athena_each_time_needs_no_refreshing() -> None:
    direct = Stack(QuickSightPrincipalArn=PRINCIPAL, QuickSightImportMode="DIRECT_QUERY")
    assert set(QUICKSIGHT) <= set(direct.resources)
    assert "RefreshDashboardPolicy" not in direct.resources
    assert direct.properties("ForecastPipeline")["DefinitionSubstitutions"]["DashboardDataSets"] == "none"


@pytest.mark.parametrize(
    ("operation", "resource"),
    [
        ("CreateDataSource", "QuickSightDataSource"),
        ("CreateDataSet", "QuickSightForecastDataSet"),
        ("CreateDataSet", "QuickSightAccuracyDataSet"),
        ("CreateDataSet", "QuickSightRunsDataSet"),
        ("CreateDashboard", "QuickSightDashboard"),
    ],
)
@pytest.mark.parametrize("mode", ["SPICE", "DIRECT_QUERY"])
def test_quicksights_own_api_takes_what_the_template_says(operation: str, resource: str, mode: str) -> None:
    stack = Stack(QuickSightPrincipalArn=PRINCIPAL, QuickSightImportMode=mode)
    request = stack.properties(resource)
    request.pop("IngestionWaitPolicy", None)  # CloudFormation's own
    model = botocore.session.get_session().get_service_model("quicksight")
    report = ParamValidator().validate(request, model.operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize("table", ["Forecast", "Accuracy", "Runs"])
def test_a_data_set_has_the_columns_of_its_table_and_waits_for_no_ingestion(stack: Stack, table: str) -> None:
    data_set = stack.properties(f"QuickSight{table}DataSet")
    (source,) = data_set["PhysicalTableMap"].values()
    columns = [(each["Name"], each["Type"]) for each in source["RelationalTable"]["InputColumns"]]
    name = "ForecastFanTable" if table == "Forecast" else f"Forecast{table}Table"
    declared = stack.properties(name)["TableInput"]
    assert source["RelationalTable"]["Name"] == declared["Name"]
    assert columns == [(each["Name"], COLUMN_TYPES[each["Type"]]) for each in declared["StorageDescriptor"]["Columns"]]
    assert data_set["IngestionWaitPolicy"] == {"WaitForSpiceIngestion": False}


def test_the_role_of_the_data_source_reads_the_tables_and_writes_results_alone(stack: Stack) -> None:
    role = stack.resources["QuickSightRole"]["Properties"]
    (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "quicksight.amazonaws.com"}
    statements = {each["Sid"]: each for each in role["Policies"][0]["PolicyDocument"]["Statement"]}
    assert {"glue:GetPartition", "glue:GetPartitions"} <= set(statements["FindTables"]["Action"])
    assert statements["ReadTables"]["Resource"] == {"Fn::Sub": "${DataBucket.Arn}/dashboard/*"}
    assert statements["KeepResults"]["Resource"] == {"Fn::Sub": "${AthenaBucket.Arn}/results/*"}
    assert [sid for sid, each in statements.items() if each["Resource"] == "*"] == ["ListWhatKnowsNoResource"]


@pytest.mark.parametrize(
    ("arn", "right"),
    [
        ("", True),
        (PRINCIPAL, True),
        (f"arn:aws:quicksight:eu-west-1:{ACCOUNT}:group/default/planners", True),
        (f"arn:aws-cn:quicksight:cn-north-1:{ACCOUNT}:user/default/me/me@example.com", True),
        (f"arn:aws:iam::{ACCOUNT}:user/me", False),
        ("me@example.com", False),
        (f"arn:aws:quicksight:us-east-1:{ACCOUNT}:dashboard/x", False),
        (f"arn:aws:quicksight:us-east-1:{ACCOUNT}:user/", False),
    ],
)
def test_a_principal_of_another_form_is_refused_before_anything_is_made(stack: Stack, arn: str, *, right: bool) -> None:
    parameter = stack.template["Parameters"]["QuickSightPrincipalArn"]
    assert bool(re.fullmatch(parameter["AllowedPattern"], arn)) is right
    assert "must be empty or like arn:aws:quicksight" in parameter["ConstraintDescription"]
