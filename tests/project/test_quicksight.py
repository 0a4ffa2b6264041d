"""QuickSight in the template: nothing without a principal, all of it with one, and what AWS's own schemas say of it."""

import json
import re
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from tests.project.resolved_template import project_template, resolved

ACCOUNT = "123456789012"
PRINCIPAL = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:user/default/analyst"
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


Made = dict[str, dict[str, Any]]  # the resources that CloudFormation makes, by their logical ids


def made(**parameters: str) -> Made:
    resources: Made = resolved(project_template(), **parameters)["Resources"]
    return resources


@pytest.fixture(scope="module")
def stack() -> Made:
    """The stack with a principal."""
    return made(QuickSightPrincipalArn=PRINCIPAL)


def data_sets_of_the_pipeline(stack: Made) -> str:
    names: str = stack["ForecastPipeline"]["Properties"]["DefinitionSubstitutions"]["DashboardDataSets"]
    return names


def test_without_a_principal_there_is_nothing_of_quicksight() -> None:
    stack = made()
    assert [name for name in stack if "QuickSight" in name or name == "RefreshDashboardPolicy"] == []
    assert [name for name, body in stack.items() if "QuickSight" in body["Type"]] == []
    assert data_sets_of_the_pipeline(stack) == "none"


def test_with_a_principal_there_is_all_of_it(stack: Made) -> None:
    assert {name: body["Type"] for name, body in stack.items() if "QuickSight" in name} == QUICKSIGHT
    assert set(stack) - set(made()) == {*QUICKSIGHT, "RefreshDashboardPolicy"}


def test_the_pipeline_refreshes_the_data_sets_of_the_template_and_may_refresh_no_others(stack: Made) -> None:
    data_sets = {name: stack[name]["Properties"]["DataSetId"] for name in QUICKSIGHT if name.endswith("DataSet")}
    assert data_sets_of_the_pipeline(stack) == ",".join(data_sets.values())
    (statement,) = stack["RefreshDashboardPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "quicksight:CreateIngestion"
    assert statement["Resource"] == [f"{name}.Arn/ingestion/*" for name in data_sets]


def test_what_asks_athena_each_time_needs_no_refreshing() -> None:
    direct = made(QuickSightPrincipalArn=PRINCIPAL, QuickSightImportMode="DIRECT_QUERY")
    assert set(QUICKSIGHT) <= set(direct)
    assert "RefreshDashboardPolicy" not in direct
    assert data_sets_of_the_pipeline(direct) == "none"


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
    properties = made(QuickSightPrincipalArn=PRINCIPAL, QuickSightImportMode=mode)[resource]["Properties"]
    request = json.loads(json.dumps(properties).replace("QuickSightRole.Arn", f"arn:aws:iam::{ACCOUNT}:role/reader"))
    request.pop("IngestionWaitPolicy", None)  # CloudFormation's own
    model = botocore.session.get_session().get_service_model("quicksight")
    report = ParamValidator().validate(request, model.operation_model(operation).input_shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize("table", ["Forecast", "Accuracy", "Runs"])
def test_a_data_set_has_the_columns_of_its_table_and_waits_for_no_ingestion(stack: Made, table: str) -> None:
    data_set = stack[f"QuickSight{table}DataSet"]["Properties"]
    (source,) = data_set["PhysicalTableMap"].values()
    columns = [(each["Name"], each["Type"]) for each in source["RelationalTable"]["InputColumns"]]
    name = "ForecastFanTable" if table == "Forecast" else f"Forecast{table}Table"
    declared = stack[name]["Properties"]["TableInput"]
    assert source["RelationalTable"]["Name"] == declared["Name"]
    assert columns == [(each["Name"], COLUMN_TYPES[each["Type"]]) for each in declared["StorageDescriptor"]["Columns"]]
    assert data_set["IngestionWaitPolicy"] == {"WaitForSpiceIngestion": False}


def test_the_role_of_the_data_source_reads_the_tables_and_writes_results_alone(stack: Made) -> None:
    role = stack["QuickSightRole"]["Properties"]
    (trusted,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Principal"] == {"Service": "quicksight.amazonaws.com"}
    statements = {each["Sid"]: each for each in role["Policies"][0]["PolicyDocument"]["Statement"]}
    assert {"glue:GetPartition", "glue:GetPartitions"} <= set(statements["FindTables"]["Action"])
    folders = ("dashboard", "history/clean/*/forecast_fan", "history/clean/*/forecast_accuracy")
    assert statements["ReadTables"]["Resource"] == [f"DataBucket.Arn/{folder}/*" for folder in folders]
    assert statements["KeepResults"]["Resource"] == "AthenaBucket.Arn/results/*"
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
def test_a_principal_of_another_form_is_refused_before_anything_is_made(arn: str, *, right: bool) -> None:
    parameter = project_template()["Parameters"]["QuickSightPrincipalArn"]
    assert bool(re.fullmatch(parameter["AllowedPattern"], arn)) is right
    assert "must be empty or like arn:aws:quicksight" in parameter["ConstraintDescription"]
