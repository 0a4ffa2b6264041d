"""The simulated account: what it takes where there is room, and what runs out of retries where there is none."""

import math
from dataclasses import replace

import account_concurrency
import pytest
from account_concurrency import Case, Retries, Retry

RETRY = Retry(interval=2, backoff=1.5, longest=60, attempts=6000)


@pytest.fixture(scope="module")
def deployed() -> Retries:
    return account_concurrency.deployed_retries()


def failures(case: Case, retries: Retries) -> list[str | None]:
    return [outcome.failed for outcome in account_concurrency.outcomes(case, retries, runs=4)]


def test_the_retries_are_those_of_the_state_machines(deployed: Retries) -> None:
    assert deployed == Retries(RETRY, RETRY, RETRY, replace(RETRY, backoff=2, has_jitter=False))


def test_with_room_a_job_takes_its_rounds_and_little_more(deployed: Retries) -> None:
    case = Case(slots=1000, workers=5, jobs=1, shards=20, seconds=15)
    assert case.least_seconds == 4 * 4 * 15
    for outcome in account_concurrency.outcomes(case, deployed, runs=4):
        assert outcome.seconds == pytest.approx(case.least_seconds, rel=0.15)


@pytest.mark.parametrize("slots", [4, 10])
def test_in_a_new_account_every_panel_ends_well(deployed: Retries, slots: int) -> None:
    workers = account_concurrency.default_workers()
    for jobs in (1, 3):
        assert failures(Case(slots, workers, jobs, shards=256, seconds=15), deployed) == [None] * 4


def test_without_a_bound_and_with_six_retries_a_step_starves_in_a_new_account(deployed: Retries) -> None:
    impatient = replace(deployed, step=replace(RETRY, attempts=6))
    found = failures(Case(slots=10, workers=1000, jobs=1, shards=64, seconds=15), impatient)
    assert found.count("step") >= 3


def test_nobody_gets_a_slot_where_there_is_none(deployed: Retries) -> None:
    few = replace(deployed, shard=replace(RETRY, attempts=3))
    case = Case(slots=0, workers=1, jobs=1, shards=1, seconds=15)
    (outcome,) = account_concurrency.outcomes(case, few, runs=1)
    assert (outcome.seconds, outcome.failed) == (None, "shard")


def test_a_row_names_the_account_the_jobs_and_how_they_end(deployed: Retries) -> None:
    cells = account_concurrency.row(Case(1000, 300, 1, 16, 15), deployed).strip("| ").split(" | ")
    assert cells[:6] == ["1,000", "300", "1", "16", "15 s", "0 of 20"]
    assert math.isclose(int(cells[7].removesuffix(" min")), 1)
