"""What several kinds of resources are tested on: a group with data, its predictor and monitor; a baseline of scenarios.

A test module whose kind needs another group or predictor has fixtures of its own with these names.
"""

import pytest

from tests.forecast_service.shop import Shop


@pytest.fixture
def group(shop: Shop) -> str:
    return shop.imported_group()


@pytest.fixture
def predictor(shop: Shop, group: str) -> str:
    return shop.auto_predictor(group)


@pytest.fixture
def monitor(shop: Shop, predictor: str) -> str:
    """An ACTIVE monitor."""
    return shop.monitor(predictor)


@pytest.fixture
def related_group(shop: Shop) -> str:
    """A group with prices and stocks, which scenarios can change, and with item metadata."""
    target = shop.dataset()
    shop.imported(target)
    return shop.group(target, shop.imported_prices(), shop.imported_items())


@pytest.fixture
def baseline(shop: Shop, related_group: str) -> str:
    return shop.forecast(shop.auto_predictor(related_group, ForecastTypes=["0.2", "mean"]))


@pytest.fixture
def analysis(shop: Shop, baseline: str) -> str:
    return shop.what_if_analysis(baseline)
