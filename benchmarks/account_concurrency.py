"""Whether a training ends well in an account with few concurrent Lambda executions: a simulation of the retries.

Every retry is read from the state machines, so that what is simulated is what is deployed. Simulated are one run of the
pipeline, which polls, and as many jobs of the service as it waits for at a time; other callers of the account are not.

    .venv/bin/python benchmarks/account_concurrency.py        prints the table of docs/benchmarks.md, in a minute
"""

import heapq
import itertools
import json
import random
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from forecast_service.jobs.base.batches import SECONDS_FOR_A_SHARD, batches

PROJECT = Path(__file__).parent.parent
ROUNDS = 4  # of a training
SECONDS_OF_A_WORKER = 900  # the longest that a function may run
SECONDS_OF_A_CALL = 0.3  # of the API behind its function URL, warm
SECONDS_BETWEEN_STARTS = 0.002  # a distributed map starts some hundreds of children a second
THROTTLED, PENDING = "Lambda.TooManyRequestsException", "ResourcePending"
SHARDS = (16, 64, 256, 2048)
RUNS = 20


@dataclass(frozen=True)
class Retry:
    """One retrier of a state."""

    interval: float
    backoff: float
    longest: float
    attempts: int
    has_jitter: bool = True  # FULL: any wait up to the computed one

    def delay(self, rng: random.Random, retries: int) -> float:
        """Seconds until the next attempt, after so many retries."""
        wait = min(self.longest, self.interval * self.backoff ** min(retries, 60))
        return rng.uniform(0, wait) if self.has_jitter else wait


@dataclass(frozen=True)
class Retries:
    """What the state machines do when Lambda refuses a shard, Plan or Finish, or a step; and while a job runs."""

    shard: Retry
    finish: Retry
    step: Retry
    pending: Retry


@dataclass
class Outcome:
    """When all jobs had ended, in seconds, or what ran out of retries first."""

    seconds: float | None = None
    failed: str | None = None


def deployed_retries() -> Retries:
    """The retries of the state machines in this checkout."""
    job, pipeline = (_states(f"{name}.asl.json") for name in ("forecast_job", "forecast_pipeline"))
    shard = job["RunShards"]["ItemProcessor"]["States"]["RunShard"]
    train = pipeline["TrainPredictor"]
    return Retries(
        _retry(shard, THROTTLED), _retry(job["Finish"], THROTTLED), _retry(train, THROTTLED), _retry(train, PENDING)
    )


def _states(name: str) -> dict[str, Any]:
    text = (PROJECT / "statemachine" / name).read_text(encoding="utf-8")
    states: dict[str, Any] = json.loads(re.sub(r": \$\{\w+\}", ": 1", text))["States"]
    return states


def _retry(state: dict[str, Any], error: str) -> Retry:
    found = next(each for each in state["Retry"] if error in each["ErrorEquals"])
    waits = found["IntervalSeconds"], found["BackoffRate"], found["MaxDelaySeconds"], found["MaxAttempts"]
    return Retry(*waits, has_jitter=found.get("JitterStrategy") == "FULL")


@dataclass
class Simulation:
    """One run in an account with so many slots, by discrete events; each entry of the heap is due at its time."""

    slots: int
    retries: Retries
    workers: int  # MaxConcurrency of a job's map
    rng: random.Random
    busy: int = 0
    outcome: Outcome = field(default_factory=Outcome)
    due: list[tuple[float, int, Callable[[float], None]]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=itertools.count)

    def at(self, time: float, what: Callable[[float], None]) -> None:
        heapq.heappush(self.due, (time, next(self.order), what))

    def run(self, jobs: int, shards: int, seconds: float) -> Outcome:
        """Until all jobs have ended, or something has run out of its retries."""
        left = [jobs]

        def ended(now: float) -> None:
            left[0] -= 1
            if not left[0]:
                self.outcome.seconds = now

        for _ in range(jobs):
            self._round(0, ROUNDS, shards, seconds, ended)
        self._poll(1.0, 0)
        while self.due and self.outcome.seconds is None and self.outcome.failed is None:
            now, _, what = heapq.heappop(self.due)
            what(now)
        return self.outcome

    def invoke(self, now: float, retry: Retry, name: str, took: Callable[[float], None], retries: int = 0) -> None:
        """Take a slot and call `took`, or try again as the retrier says, until its attempts are over."""
        if self.busy < self.slots:
            self.busy += 1
            took(now)
        elif retries >= retry.attempts:
            self.outcome.failed = name
        else:
            later = now + retry.delay(self.rng, retries)
            self.at(later, lambda time: self.invoke(time, retry, name, took, retries + 1))

    def _round(self, now: float, rounds: int, shards: int, seconds: float, ended: Callable[[float], None]) -> None:
        """The batches of a round, at most `workers` at a time, and then its Finish; the next round after it."""
        if not rounds:
            ended(now)
            return
        waiting, running = [len(batch) for batch in batches([*range(shards)], self.workers)], [0]

        def begin(time: float) -> None:
            running[0] += 1
            worker(time, waiting.pop())

        def worker(time: float, left: int) -> None:
            self.at(time, lambda start: self._batch(start, left, seconds, done))

        def done(time: float) -> None:
            running[0] -= 1
            if waiting:
                begin(time + 0.2)
            elif not running[0]:
                self.invoke(time, self.retries.finish, "finish", lambda start: self.at(start + 1, finished))

        def finished(time: float) -> None:
            self.busy -= 1
            self._round(time, rounds - 1, shards, seconds, ended)

        for number in range(min(len(waiting), self.workers)):
            begin(now + number * SECONDS_BETWEEN_STARTS)

    def _batch(self, now: float, shards: int, seconds: float, done: Callable[[float], None]) -> None:
        """A worker takes a slot and runs so many shards; where time is over before the last one, it comes again."""

        def took(time: float) -> None:
            left, worked = shards, 0.0
            while left and worked <= SECONDS_OF_A_WORKER - SECONDS_FOR_A_SHARD:
                worked += max(0.1, self.rng.gauss(seconds, seconds * 0.15))
                left -= 1
            self.at(time + worked, lambda end: ended(end, left))

        def ended(time: float, left: int) -> None:
            self.busy -= 1
            if left:  # ShardsLeft
                self.at(time + 1, lambda again: self._batch(again, left, seconds, done))
            else:
                done(time)

        self.invoke(now, self.retries.shard, "shard", took)

    def _poll(self, now: float, retries: int) -> None:
        """A step takes a slot, asks the API, which takes another, and comes again: the job still runs, or HTTP 429."""

        def took(time: float) -> None:
            answered = self.busy < self.slots
            self.busy += answered
            self.at(time + SECONDS_OF_A_CALL, lambda end: again(end, 1 + answered))

        def again(time: float, slots: int) -> None:
            self.busy -= slots
            if retries >= self.retries.pending.attempts:
                self.outcome.failed = "step"
            else:
                self._poll(time + self.retries.pending.delay(self.rng, retries), retries + 1)

        self.at(now, lambda time: self.invoke(time, self.retries.step, "step", took))


@dataclass(frozen=True)
class Case:
    """An account with so many slots, and jobs of so many shards at a time, each of so many seconds."""

    slots: int
    workers: int
    jobs: int
    shards: int
    seconds: float

    @property
    def least_seconds(self) -> float:
        """What the jobs take where nothing is refused and nothing waits in vain."""
        return ROUNDS * self.seconds * max(1, self.shards / self.workers, self.shards * self.jobs / self.slots)


def outcomes(case: Case, retries: Retries, runs: int = RUNS) -> list[Outcome]:
    """What becomes of so many runs, each with random numbers of its own."""
    return [
        Simulation(case.slots, retries, case.workers, random.Random(seed)).run(case.jobs, case.shards, case.seconds)  # noqa: S311 - no secret
        for seed in range(runs)
    ]


def row(case: Case, retries: Retries) -> str:
    """A row of the table: where it is, and how it ends."""
    found = outcomes(case, retries)
    ends = [each.seconds for each in found if each.seconds is not None]
    cells = [
        f"{case.slots:,}",
        str(case.workers),
        str(case.jobs),
        f"{case.shards:,}",
        f"{case.seconds:.0f} s",
        f"{sum(each.failed is not None for each in found)} of {len(found)}",
        f"{statistics.median(ends) / 60:.0f} min" if ends else "-",
        f"{case.least_seconds / 60:.0f} min",
    ]
    return f"| {' | '.join(cells)} |"


def default_workers() -> int:
    """MaxConcurrentWorkers, as template.yaml has it where nobody says otherwise."""
    template = (PROJECT / "template.yaml").read_text(encoding="utf-8")
    found = re.search(r"^  MaxConcurrentWorkers:\n    Type: Number\n    Default: (\d+)$", template, re.MULTILINE)
    if found is None:
        raise ValueError("template.yaml: found no default of MaxConcurrentWorkers, wanted a number")
    return int(found[1])


def main() -> None:
    """Print the table."""
    print("| Slots | Workers | Jobs | Shards of a job | A shard | Failed | Took | At best |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    default, retries = default_workers(), deployed_retries()
    for slots, workers, jobs in ((10, default, 1), (10, default, 3), (1000, default, 3), (1000, 300, 3)):
        for seconds, shards in itertools.product((15.0, 60.0), SHARDS):
            print(row(Case(slots, workers, jobs, shards, seconds), retries), flush=True)


if __name__ == "__main__":
    main()
