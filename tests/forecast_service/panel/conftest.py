"""What the tests of panels share: a hat with ten days of sales."""

import pytest

from tests.forecast_service.jobs.service import Service, made_once
from tests.forecast_service.panel.imported_group import Data, days, rows


@pytest.fixture
def data(service: Service) -> Data:
    """A hat sold on each of the first ten days of 2020: the forecast is of the 11th and the 12th."""
    return Data(service, made_once(service, hat))


def hat(service: Service) -> dict[str, str]:
    """The imports of its sales."""
    data = Data(service)
    data.target(rows("hat", zip(days("2020-01-01", 10), range(10), strict=True)))
    return data.inputs
