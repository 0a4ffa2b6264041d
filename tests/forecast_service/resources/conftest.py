"""What several kinds of resources are tested on: a group with data, its predictor and monitor; a baseline of scenarios.

A test module whose kind needs another group or predictor has fixtures of its own with these names.
"""

import pytest


@pytest.fixture
def group(shop):
    return shop.imported_group()


@pytest.fixture
def predictor(shop, group):
    return shop.auto_predictor(group)


@pytest.fixture
def monitor(shop, predictor):
    """An ACTIVE monitor."""
    return shop.monitor(predictor)


@pytest.fixture
def related_group(shop):
    """A group with prices and stocks, which scenarios can change, and with item metadata."""
    target = shop.dataset()
    shop.imported(target)
    return shop.group(target, shop.imported_prices(), shop.imported_items())


@pytest.fixture
def baseline(shop, related_group):
    return shop.forecast(shop.auto_predictor(related_group, ForecastTypes=["0.2", "mean"]))


@pytest.fixture
def analysis(shop, baseline):
    return shop.what_if_analysis(baseline)
