"""What the tests of panels share: a hat with ten days of sales."""

import pytest

from tests.forecast_service.jobs.service import Service
from tests.forecast_service.panel.imported_group import Data, days, rows


@pytest.fixture
def data(service: Service) -> Data:
    """A hat sold on each of the first ten days of 2020: the forecast is of the 11th and the 12th."""
    data = Data(service)
    data.target(rows("hat", zip(days("2020-01-01", 10), range(10), strict=True)))
    return data
