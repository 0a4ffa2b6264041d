"""Whether an earlier forecast came true, in figures and in sentences."""

import numpy as np
import pytest

from forecast_pipeline.parameters.publishing_rules import DriftLimits
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes
from forecast_pipeline.publishing.measures.came_true import ScoredRun, figures_of
from forecast_pipeline.publishing.measures.forecast_versus_actual import TruthSums
from forecast_pipeline.runs.came_true import CameTrue, came_true_sentences, drift_signs

TYPES = ForecastTypes(("p10", "p50", "p90"))


def run(**sums: list[float]) -> ScoredRun:
    """Sums of two steps, of which the second has come for nobody."""
    zeros = {name: np.zeros(2) for name in TruthSums.__dataclass_fields__}
    given = {name: np.array([*values, 0.0]) for name, values in sums.items()}
    return ScoredRun(
        "8c01", "2024-06-01T06:00:00+00:00", "2024-06-01T00:00:00", TYPES, 0.05, 0.8, TruthSums(**zeros | given)
    )


def figures(**changed: float | None) -> CameTrue:
    values = {"Actual": 100.0, "Forecast": 100.0, "Inside": 0.8, "BandShare": 0.8, "Bias": 0.0} | changed
    loss = {"AverageWeightedQuantileLoss": 0.05, "PromisedAverageWeightedQuantileLoss": 0.05} | changed
    head = {"Run": "8c01", "Made": "2024-06-01", "First": "2024-06-01", "Periods": 3, "Frequency": "D", "Points": 30}
    return CameTrue.model_validate(head | values | loss)


def test_the_figures_are_shares_of_what_came() -> None:
    made = run(
        points=[4], inside=[3], actual=[90], demand=[100], forecast=[80], error=[12], naive_error=[20], loss=[6],
        naive_loss=[9],
    )  # fmt: skip
    of = figures_of(made, "M")
    assert of is not None
    assert (of.Periods, of.Points, of.Inside, of.BandShare) == (1, 4, 0.75, 0.8)
    assert of.Bias == pytest.approx(0.1)
    assert (of.WAPE, of.SeasonalNaiveWAPE) == pytest.approx((0.12, 0.2))
    assert of.AverageWeightedQuantileLoss == pytest.approx(0.06)
    assert of.SeasonalNaiveAverageWeightedQuantileLoss == pytest.approx(0.09)
    assert [*came_true_sentences(of)] == [
        "The month from 2024-06-01 on came out 12.5 % above the forecast of 2024-06-01 (run 8c01);"
        " 75 % of 4 values were inside the 80 % band.",
        "Its average weighted quantile loss on them is 0.06, that of seasonal naive 0.09; its backtest said 0.05.",
    ]


def test_a_forecast_whose_time_has_not_come_has_no_figures() -> None:
    assert figures_of(run(), "D") is None


def test_a_forecast_that_is_as_good_as_its_backtest_does_not_drift() -> None:
    assert [*drift_signs(figures(), DriftLimits())] == []


@pytest.mark.parametrize(
    ("changed", "sign"),
    [
        ({"AverageWeightedQuantileLoss": 0.1}, "the loss is 2.0 times that of the backtest"),
        ({"Inside": 0.5}, "the 80 % band held 50 % of the values"),
        ({"Bias": -0.3}, "the values lie 30 % below the forecast"),
    ],
)
def test_a_sign_of_drift_is_said_in_numbers(changed: dict[str, float], sign: str) -> None:
    assert [*drift_signs(figures(**changed), DriftLimits())] == [sign]


def test_few_values_are_no_sign_of_drift() -> None:
    few = figures(Bias=-0.9).model_copy(update={"Points": 9})
    assert [*drift_signs(few, DriftLimits())] == []


def test_limits_can_be_wider() -> None:
    wide = DriftLimits(LossRatio=3, CoverageGap=0.5, Bias=0.5)
    assert [*drift_signs(figures(AverageWeightedQuantileLoss=0.1, Inside=0.5, Bias=-0.3), wide)] == []
