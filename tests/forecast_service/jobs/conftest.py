"""What tests of several jobs begin from."""

import pytest

from tests.forecast_service.jobs.service import Service, made_once
from tests.forecast_service.jobs.what_if_scenarios import Scenarios, baseline


@pytest.fixture
def scenarios(service: Service) -> Scenarios:
    return Scenarios(service, made_once(service, baseline))
