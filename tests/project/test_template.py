"""The template: valid as written and as expanded, and as careful with permissions and data as we say it is."""

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.decode.cfn_yaml import load

from forecast_pipeline.publishing.outputs.dashboard_tables import DASHBOARD_TABLES
from tests.project.expanded_template import expanded_template

PROJECT = Path(__file__).parent.parent.parent
TEMPLATE = PROJECT / "template.yaml"


def plain(node: Any) -> Any:
    """The template as plain dicts, lists and strings, without cfn-lint's positions."""
    return json.loads(json.dumps(node, default=str))


@pytest.fixture(scope="module")
def source() -> dict[str, Any]:
    template: dict[str, Any] = plain(load(str(TEMPLATE)))
    return template


@pytest.fixture(scope="module")
def expanded(source: dict[str, Any]) -> dict[str, Any]:
    """What CloudFormation makes of the template."""
    return expanded_template(source)


def resources(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: body for name, body in template["Resources"].items() if body["Type"] == kind}


def statements(template: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every statement of an identity policy, with the name of the resource it stands in."""
    documents = []
    for name, body in template["Resources"].items():
        properties = body.get("Properties", {})
        if body["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            documents.append((name, properties["PolicyDocument"]))
        elif body["Type"] == "AWS::IAM::Role":
            documents += [
                (name, policy["PolicyDocument"])
                for policy in properties.get("Policies", [])
                if "PolicyDocument" in policy
            ]
    found = []
    for name, document in documents:
        listed = document["Statement"]
        found += [(name, statement) for statement in (listed if isinstance(listed, list) else [listed])]
    return found


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_cfn_lint_finds_nothing_in_the_source() -> None:
    assert [str(match) for match in lint_file(TEMPLATE)] == []  # test_regions.py lints it as SAM expands it


def test_glues_resources_have_the_stacks_name_or_the_workshops_by_parameter(source: dict[str, Any]) -> None:
    """The workshop: forecast-demo-crawler, forecast-demo-job, forecast-demo-db."""
    for resource, parameter, own in (
        ("RawDataCrawler", "CrawlerName", "${AWS::StackName}-crawler"),
        ("PrepareRawDataJob", "JobName", "${AWS::StackName}-job"),
    ):
        name = {"Fn::If": [f"Own{parameter}", {"Fn::Sub": own}, {"Ref": parameter}]}
        assert source["Resources"][resource]["Properties"]["Name"] == name
        assert source["Parameters"][parameter]["Default"] == ""
    assert source["Resources"]["RawDatabase"]["Condition"] == "HasRawDatabase"
    database = {"Fn::If": ["OwnDatabase", {"Ref": "Database"}, {"Ref": "DatabaseName"}]}
    assert source["Resources"]["RawDataCrawler"]["Properties"]["DatabaseName"] == {
        "Fn::If": ["HasRawDatabase", {"Ref": "RawDatabase"}, database]
    }
    assert source["Resources"]["PrepareRawDataJob"]["Properties"]["ExecutionProperty"] == {"MaxConcurrentRuns": 1}


def test_no_policy_allows_a_wildcard_action(expanded: dict[str, Any]) -> None:
    found = statements(expanded)
    assert len(found) > 20
    assert [(name, action) for name, policy in found for action in as_list(policy["Action"]) if "*" in action] == []


def test_only_log_delivery_tracing_and_lists_of_athena_act_on_all_resources(expanded: dict[str, Any]) -> None:
    everywhere = {
        action
        for _, policy in statements(expanded)
        if "*" in as_list(policy["Resource"])
        for action in as_list(policy["Action"])
    }
    everywhere -= {"athena:ListDataCatalogs", "athena:ListWorkGroups"}  # IAM knows no resource of theirs
    assert {action.split(":")[0] for action in everywhere} <= {"logs", "xray"}


def test_every_function_has_a_role_of_its_own(expanded: dict[str, Any]) -> None:
    roles = [json.dumps(body["Properties"]["Role"]) for body in resources(expanded, "AWS::Lambda::Function").values()]
    assert len(roles) == len(set(roles)) >= 13


def test_no_role_takes_a_full_access_policy(expanded: dict[str, Any]) -> None:
    attached = {
        str(arn)
        for role in resources(expanded, "AWS::IAM::Role").values()
        for arn in role["Properties"].get("ManagedPolicyArns", [])
    }
    assert not [arn for arn in attached if "FullAccess" in arn or "Administrator" in arn]


@pytest.mark.parametrize("bucket", ["DataBucket", "ServiceBucket", "AthenaBucket"])
def test_a_bucket_is_private_encrypted_versioned_tls_only_and_outlives_the_stack(
    source: dict[str, Any], bucket: str
) -> None:
    body = source["Resources"][bucket]
    properties = body["Properties"]
    assert body["DeletionPolicy"] == body["UpdateReplacePolicy"] == "Retain"
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert all(properties["PublicAccessBlockConfiguration"].values())
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert properties["BucketEncryption"]
    policy = source["Resources"][f"{bucket}Policy"]["Properties"]
    assert policy["Bucket"] == {"Ref": bucket}
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_workshops_parameters_and_outputs_keep_their_names(source: dict[str, Any]) -> None:
    assert {"Email", "ParameterFile"} <= set(source["Parameters"])
    assert source["Parameters"]["ParameterFile"]["Default"] == "params.json"
    assert {"StepFunctionsName", "ForecastBucketName", "AthenaBucketName"} <= set(source["Outputs"])
    defaults = {
        name: source["Parameters"][name]["Default"]
        for name in ("WorkgroupName", "DatabaseName", "TrainTableName", "ForecastTableName")
    }
    assert list(defaults.values()) == ["", "", "train", "forecast"]  # the first two after the stack: decision 0505


def test_the_tables_of_dashboards_have_the_columns_that_are_written(source: dict[str, Any]) -> None:
    declared = {
        table["Properties"]["TableInput"]["Name"]: table["Properties"]["TableInput"]["StorageDescriptor"]
        for table in resources(source, "AWS::Glue::Table").values()
    }
    for table in DASHBOARD_TABLES:
        assert [(each["Name"], each["Type"]) for each in declared[table.name]["Columns"]] == list(table.columns.items())
        assert declared[table.name]["Location"] == {"Fn::Sub": f"s3://${{DataBucket}}/dashboard/{table.name}/"}


def test_a_database_or_workgroup_that_is_named_is_not_the_stacks_own(source: dict[str, Any]) -> None:
    database = source["Resources"]["Database"]
    assert database["Condition"] == "OwnDatabase"
    assert database["Properties"]["DatabaseInput"]["Name"] == {"Fn::Sub": "${AWS::StackName}-db"}
    assert source["Conditions"]["OwnDatabase"] == {"Fn::Equals": [{"Ref": "DatabaseName"}, ""]}
    named = {"Fn::If": ["OwnDatabase", {"Ref": "Database"}, {"Ref": "DatabaseName"}]}
    assert source["Outputs"]["DatabaseName"]["Value"] == named
    assert all(table["Properties"]["DatabaseName"] == named for table in resources(source, "AWS::Glue::Table").values())


def test_two_stacks_can_live_in_one_account(source: dict[str, Any]) -> None:
    """No physical name is fixed: each is generated, made of the stack's name, or a parameter."""
    fixed = [
        (name, member)
        for name, body in source["Resources"].items()
        for member, value in body.get("Properties", {}).items()
        if member
        in (
            "Name",
            "BucketName",
            "FunctionName",
            "RoleName",
            "TopicName",
            "QueueName",
            "TableName",
            "LogGroupName",
            "StateMachineName",
        )
        and isinstance(value, str)
    ]
    assert fixed == []


def test_a_function_has_a_whole_processor_where_it_computes_and_little_memory_elsewhere(source: dict[str, Any]) -> None:
    one_processor = {"Fn::FindInMap": ["Memory", "OneProcessor", "Megabytes"]}
    assert source["Mappings"]["Memory"]["OneProcessor"]["Megabytes"] == 1769  # Lambda's number for one processor
    assert source["Globals"]["Function"]["MemorySize"] == 512
    sizes = {
        name: body["Properties"]["MemorySize"]
        for name, body in resources(source, "AWS::Serverless::Function").items()
        if "MemorySize" in body["Properties"]
    }
    counts_rows_itself = {"Fn::If": ["CallsAmazon", one_processor, 512]}
    assert sizes.pop("ImportDataFunction") == counts_rows_itself
    assert {"ForecastWorkerFunction", "PublishForecastFunction"} <= set(sizes)
    assert all(size == one_processor for size in sizes.values())


def test_nothing_is_kept_in_a_bucket_that_nobody_asked_for(source: dict[str, Any]) -> None:
    for name, bucket in resources(source, "AWS::S3::Bucket").items():
        rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
        assert any("AbortIncompleteMultipartUpload" in rule and "Prefix" not in rule for rule in rules), name
        marker = next(rule for rule in rules if rule.get("ExpiredObjectDeleteMarker"))
        assert not {"ExpirationInDays", "Prefix"} & set(marker), name  # S3 refuses an age beside it
        assert any("NoncurrentVersionExpiration" in rule and "Prefix" not in rule for rule in rules), name
    ages = {
        rule["Prefix"]: rule["ExpirationInDays"]
        for rule in source["Resources"]["DataBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        if "ExpirationInDays" in rule
    }
    # Tables may lie over history/clean/.
    assert ages == {"tmp/": 30, "tmp/publish/": 1, "history/raw/": {"Ref": "HistoryDays"}}


def test_the_function_url_asks_for_a_signature(source: dict[str, Any]) -> None:
    assert source["Resources"]["ForecastApiFunction"]["Properties"]["FunctionUrlConfig"] == {"AuthType": "AWS_IAM"}


def test_a_machine_with_a_distributed_map_may_follow_its_children_by_both_forms_of_their_arns(
    source: dict[str, Any],
) -> None:
    """A child's ARN is `execution:machine/map:id`; AWS's own policy for such machines names `execution:machine:*`."""
    followed = {
        statement["Resource"][0]["Fn::Sub"].partition("${AWS::AccountId}:")[2]: statement["Resource"]
        for _, statement in statements(source)
        if {"states:DescribeExecution", "states:StopExecution"} <= set(as_list(statement["Action"]))
    }
    assert set(followed) == {"execution:${ForecastJob.Name}/*", "execution:${ForecastPipeline.Name}/*"}
    assert all(second == {"Fn::Sub": f"{first['Fn::Sub'][:-2]}:*"} for first, second in followed.values())
