"""What-if analyses: which series they are of, and which baselines are no ground for scenarios."""

import pytest

from forecast_service.records.errors import InvalidInputException
from forecast_service.storage.forecast_query import query_forecast
from tests.forecast_service.jobs.service import Service
from tests.forecast_service.jobs.what_if_scenarios import (
    HORIZON,
    STEPS,
    Scenarios,
    related_rows,
    selector,
    target_rows,
    trained,
    transformation,
    values,
)


@pytest.mark.parametrize("of_the_baseline", [True, False])
def test_only_the_selected_series_are_in_a_scenario(scenarios: Scenarios, of_the_baseline: bool) -> None:
    service = scenarios.service
    few = selector(service.put("few.csv", "item_03\nnobody\nitem_11\nitem_03\n"))
    fewer = selector(service.put("fewer.csv", "item_11\nitem_12\n"))
    if of_the_baseline:
        scenarios = scenarios.of_another_forecast("of_few", **few)
    analysis = scenarios.analysis(**{} if of_the_baseline else few)
    assert analysis.facts == {"series_count": 2}
    sentence = "s3://caller-data/none.csv: found no series that the forecast holds, wanted at least one."
    none = scenarios.analysis("none", **selector(service.put("none.csv", "item_04x\n")))
    assert (none.status, none.message) == ("CREATE_FAILED", sentence)
    dear = scenarios.forecast(analysis, "dear", **transformation("MULTIPLY", 1.3))
    rows = scenarios.rows(dear)
    assert {row["item_id"] for row in rows} == {"item_03", "item_11"}
    assert len(rows) == 2 * HORIZON
    with pytest.raises(InvalidInputException, match="found no series with item_id=item_04"):
        query_forecast(dear, {"item_id": "item_04"})
    both = scenarios.forecast(scenarios.analysis("fewer", **fewer), "both", **transformation("MULTIPLY", 1.3))
    found = values(scenarios.rows(both, name="fewer"), "both")
    selected = {"item_11"} if of_the_baseline else {"item_11", "item_12"}
    assert {item for item, _ in found} == selected
    assert all(value == values(rows, "dear")[key] for key, value in found.items() if key[0] == "item_11")


def of_price_alone(service: Service, target_text: str, related_text: str) -> Scenarios:
    """A forecast from a target and the prices of its items."""
    target = service.import_data(
        service.dataset("item_id:string", "timestamp:timestamp", "target_value:float"),
        service.put("train/a.csv", target_text),
    )
    columns = ("item_id:string", "timestamp:timestamp", "price:float")
    related = service.dataset(*columns, name="prices", dataset_type="RELATED_TIME_SERIES")
    job = service.import_data(related, service.put("related/a.csv", related_text))
    inputs = {"TARGET_TIME_SERIES": target.arn, "RELATED_TIME_SERIES": job.arn}
    scenarios = Scenarios(service, service.forecast(trained(service, inputs, "price_alone"), inputs))
    assert scenarios.baseline.message is None
    return scenarios


def test_related_series_that_end_with_the_history_are_no_ground_for_scenarios(service: Service) -> None:
    past = [line.rpartition(",")[0] for line in related_rows().splitlines() if line.split(",")[1] < STEPS[0]]
    analysis = of_price_alone(service, target_rows(), "\n".join(past)).analysis()
    assert analysis.status == "CREATE_FAILED"
    assert str(analysis.message).startswith("The predictor knows the related time series (price) in the past only;")


def test_too_little_data_to_learn_prices_from_are_no_ground_for_scenarios(service: Service) -> None:
    of_one_item = [line for line in target_rows().splitlines() if line.startswith("item_00")]
    its_prices = [line.rpartition(",")[0] for line in related_rows().splitlines() if line.startswith("item_00")]
    analysis = of_price_alone(service, "\n".join(of_one_item), "\n".join(its_prices)).analysis()
    assert analysis.status == "CREATE_FAILED"
    assert str(analysis.message).startswith("The predictor found too little data to learn from the related time series")
