"""The global model at work."""

import numpy as np

from forecast_engine import TrainingSettings, initial_shared_state, merge_round, run_round
from forecast_engine.global_model import Demand, GlobalFits, GlobalModel
from forecast_engine.global_model.features import FeatureTable
from tests.forecast_engine.panels import panel_of, seasonal_walks, with_covariates

HORIZON = 6
SETTINGS = TrainingSettings(HORIZON, (0.5,), True, 1, HORIZON)


def test_all_impacts_and_the_base_value_add_up_to_the_points() -> None:
    panel = with_covariates(panel_of(seasonal_walks(40, 80)), HORIZON)
    shared = initial_shared_state(40)
    shared = merge_round("sample", [run_round("sample", panel, SETTINGS, {}, shared).sums], shared, SETTINGS)
    model = GlobalModel.of(GlobalFits.from_document(shared["global_model"]), "final")
    groups = sorted(set(model.groups["smooth"]))
    assert groups == [
        "",
        "attribute/brand",
        "attribute/size",
        "calendar/Holiday_KR",
        "related/price",
        "related/stock",
    ]
    items, ends = np.arange(40), np.full(40, 80)
    table = FeatureTable(panel, model.layout, HORIZON)
    centre, scale = table.centre(items, ends)[:, None], table.scale(items, ends)[:, None]
    points = model.points(panel, 80, HORIZON)
    is_sparse = np.arange(40) % 7 == 0  # a class of its own, with trees and a base value of its own
    base = points - model.impacts(panel, HORIZON, groups).sum(axis=2)
    smooth = ((base - centre) / scale)[~is_sparse]
    np.testing.assert_allclose(smooth, smooth[0, 0], rtol=1e-6)
    demand, sparse = Demand.of(panel.target, 12), np.repeat(np.flatnonzero(is_sparse), HORIZON)
    means = demand.mean(sparse, np.full(len(sparse), 80), np.tile(np.arange(HORIZON), is_sparse.sum()))
    ratios = base[is_sparse].ravel() / means  # its trees predict the logarithm of a ratio to the mean
    np.testing.assert_allclose(ratios, ratios[0], rtol=1e-5)


def test_covariates_at_their_medians_move_nothing() -> None:
    """A panel of intermittent items whose demand is three times as high in every fifth period."""
    random = np.random.default_rng(0)
    panel = with_covariates(panel_of(np.zeros((40, 80)), "D"), HORIZON)
    promoted = np.broadcast_to((np.arange(80 + HORIZON) % 5 == 0).astype(float), (40, 80 + HORIZON)).copy()
    panel.covariates.related["price"][:] = promoted
    panel.target[:] = random.poisson(0.4 * (1 + 2 * promoted[:, :80]))
    shared = initial_shared_state(40)
    shared = merge_round("sample", [run_round("sample", panel, SETTINGS, {}, shared).sums], shared, SETTINGS)
    model = GlobalModel.of(GlobalFits.from_document(shared["global_model"]), "final")
    factors = model.covariate_factors(panel, 80, HORIZON)
    assert factors[:, 0].mean() > 1.6  # period 80 is promoted, and so is 85
    assert factors[:, 5].mean() > 1.6
    assert (np.abs(factors[:, 1:5].mean(axis=0) - 1) < 0.25).all()
    panel.covariates.related["price"][:, 80:] = 0
    panel.covariates.calendar["Holiday_KR"][80:] = 0
    np.testing.assert_allclose(model.covariate_factors(panel, 80, HORIZON), 1.0, atol=1e-9)
