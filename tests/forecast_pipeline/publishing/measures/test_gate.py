"""Which forecast may replace the one in place."""

import pytest

from forecast_pipeline.parameters.publishing_rules import PublishIf
from forecast_pipeline.publishing.measures.gate import reasons_to_hold_back
from forecast_pipeline.runs.published import AccuracyFigures, Published


def forecast(
    loss: float | None, naive: float | None = 1.0, *, coverage: float | None = 0.8, items: int = 10
) -> Published:
    return Published(
        Accuracy=AccuracyFigures(AverageWeightedQuantileLoss=loss, Coverage80=coverage),
        SeasonalNaive=AccuracyFigures(AverageWeightedQuantileLoss=naive),
        ItemCount=items,
        Horizon=7,
        FirstTimestamp="2024-01-01T00:00:00",
        LastTimestamp="2024-01-07T00:00:00",
    )


def held(now: Published, latest: Published | None, **wanted: float) -> list[str]:
    return reasons_to_hold_back(now, latest, PublishIf(**wanted))


def test_a_forecast_far_worse_than_naive_does_not_replace_one_that_was_not() -> None:
    assert held(forecast(2.82), forecast(0.9)) == [
        "its loss in the backtest is 2.82 times that of seasonal naive, wanted 1.1 times at most"
    ]


@pytest.mark.parametrize(
    ("now", "latest"),
    [
        pytest.param(1.1, 0.9, id="the limit itself"),
        pytest.param(3.0, None, id="the first forecast"),
        pytest.param(3.0, 1.2, id="one in place that was worse than naive"),
        pytest.param(None, 0.9, id="nothing was measured"),
    ],
)
def test_the_usual_gate_lets_through(now: float | None, latest: float | None) -> None:
    assert held(forecast(now), None if latest is None else forecast(latest)) == []


def test_a_limit_of_ones_own_holds_for_a_first_forecast_too() -> None:
    assert held(forecast(0.98), None, MaxLossOverNaive=0.95) == [
        "its loss in the backtest is 0.98 times that of seasonal naive, wanted 0.95 times at most"
    ]


def test_where_naive_was_exact_any_error_is_too_much() -> None:
    assert held(forecast(0.1, 0.0), forecast(0.9)) != []
    assert held(forecast(0.0, 0.0), forecast(0.9)) == []


def test_a_forecast_can_be_held_against_the_one_in_place() -> None:
    assert held(forecast(0.9), forecast(0.6), MaxLossOverLatest=1.2) == [
        "its loss in the backtest, average wQL 0.9, is 1.5 times that of the forecast in place,"
        " wanted 1.2 times at most"
    ]
    assert held(forecast(0.7), forecast(0.6), MaxLossOverLatest=1.2) == []


def test_the_band_must_hold_its_share() -> None:
    assert held(forecast(0.9, coverage=0.41), None, MinCoverage=0.6) == [
        "its 80 % band held 0.41 of the actual values in the backtest, wanted 0.6 or more"
    ]
    assert held(forecast(0.9, coverage=0.99), None, MaxCoverage=0.95) == [
        "its 80 % band held 0.99 of the actual values in the backtest, wanted 0.95 or less"
    ]
    assert held(forecast(0.9, coverage=None), None, MinCoverage=0.6) == []


def test_a_forecast_of_few_items_does_not_replace_one_of_many() -> None:
    assert held(forecast(0.9, items=4), forecast(0.9, items=10), MinItemShare=0.5) == [
        "it has 4 items where the forecast in place has 10, wanted 0.5 of them or more"
    ]
