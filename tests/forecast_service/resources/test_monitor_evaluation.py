"""Evaluations of a monitor through the API: how they are listed, and that they are no resources of their own."""

from tests.forecast_service.api_client import Refused
from tests.forecast_service.resources.evaluations import write_evaluation
from tests.forecast_service.shop import Shop


def test_evaluations_are_listed_newest_first_page_by_page_without_those_at_work(
    shop: Shop, group: str, predictor: str, monitor: str
) -> None:
    for number in range(7):
        write_evaluation(
            shop, monitor, number, ["ACTIVE", "CREATE_IN_PROGRESS", "CREATE_FAILED", "CREATE_STOPPED"][number % 4]
        )
    write_evaluation(shop, shop.monitor(shop.auto_predictor(group, "other"), "other"), 9)
    pages = shop.client.get_paginator("list_monitor_evaluations").paginate(
        MonitorArn=monitor, PaginationConfig={"PageSize": 3}
    )
    found = [page["PredictorMonitorEvaluations"] for page in pages]
    assert [len(page) for page in found] == [3, 1]
    rows = [
        (evaluation["EvaluationTime"].timestamp() - 1_700_000_000, evaluation["EvaluationState"])
        for page in found
        for evaluation in page
    ]
    assert rows == [(6, "FAILURE"), (4, "SUCCESS"), (2, "FAILURE"), (0, "SUCCESS")]
    assert {evaluation["MonitorArn"] for page in found for evaluation in page} == {monitor}
    assert {evaluation["ResourceArn"] for page in found for evaluation in page} == {predictor}


def test_evaluations_are_filtered_by_their_state(shop: Shop, monitor: str, refused: Refused) -> None:
    for number in range(4):
        write_evaluation(shop, monitor, number, ["ACTIVE", "CREATE_FAILED"][number % 2])
    for condition, times in (("IS", [3, 1]), ("IS_NOT", [2, 0])):
        wanted = {"Key": "EvaluationState", "Value": "FAILURE", "Condition": condition}
        answer = shop.client.list_monitor_evaluations(MonitorArn=monitor, Filters=[wanted])
        found = [e["EvaluationTime"].timestamp() - 1_700_000_000 for e in answer["PredictorMonitorEvaluations"]]
        assert found == times
    with refused(
        "InvalidInputException", "Unknown filter key 'Status' for ListMonitorEvaluations: use EvaluationState"
    ):
        status = {"Key": "Status", "Value": "ACTIVE", "Condition": "IS"}
        shop.client.list_monitor_evaluations(MonitorArn=monitor, Filters=[status])


def test_the_pages_of_one_monitor_are_not_those_of_another(
    shop: Shop, group: str, monitor: str, refused: Refused
) -> None:
    for number in range(2):
        write_evaluation(shop, monitor, number)
    token = shop.client.list_monitor_evaluations(MonitorArn=monitor, MaxResults=1)["NextToken"]
    other = shop.pending_monitor(shop.auto_predictor(group, "other"), "other")
    with refused("InvalidNextTokenException", "belongs to another list"):
        shop.client.list_monitor_evaluations(MonitorArn=other, NextToken=token)
    with refused("ResourceNotFoundException"):
        shop.client.list_monitor_evaluations(MonitorArn=f"{monitor}x")


def test_an_evaluation_is_no_resource_of_its_own(shop: Shop, monitor: str, refused: Refused) -> None:
    arn = write_evaluation(shop, monitor, 1)
    tags = [{"Key": "a", "Value": "b"}]
    for call in (
        lambda: shop.client.list_tags_for_resource(ResourceArn=arn),
        lambda: shop.client.tag_resource(ResourceArn=arn, Tags=tags),
        lambda: shop.client.untag_resource(ResourceArn=arn, TagKeys=["a"]),
        lambda: shop.client.stop_resource(ResourceArn=arn),
        lambda: shop.client.resume_resource(ResourceArn=arn),
        lambda: shop.client.delete_resource_tree(ResourceArn=arn),
        lambda: shop.client.describe_monitor(MonitorArn=arn),
    ):
        with refused("ResourceNotFoundException", arn):
            call()
