"""What tests of several jobs begin from."""

import pytest

from tests.forecast_service.jobs.service import Service
from tests.forecast_service.jobs.what_if_scenarios import Scenarios, built


@pytest.fixture
def scenarios(service: Service) -> Scenarios:
    return built(service)
