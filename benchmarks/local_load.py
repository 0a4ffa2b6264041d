"""Calls a second that the service answers on the embedded AWS, and what 200 jobs leave behind there (Linux only).

Clients are threads of this process. Each creates a dataset group, describes it four times, lists groups by pages of 20
every other time, and deletes it, which is a job; again until the time is over. ``wrong`` are answers other than those
that this must give. CPU milliseconds are those of every process, clients included, jobs too. After it 200 groups are
created and deleted once more; processes, threads, open files and memory of the server and its functions must not grow.

    python benchmarks/local_load.py [--clients 1 50] [--seconds 15] [--jobs 200]
"""

import argparse
import os
import platform
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from process_family import family, mebibytes

from local_aws.embedded.deployment import Deployment
from local_aws.embedded.running import started

DESCRIBES, PAGE, PAGES = 4, 20, 3
THREADS_OF_A_CLIENT = 10  # botocore's connections of a client
LISTED = {"DatasetGroupArn", "DatasetGroupName", "CreationTime", "LastModificationTime"}
JOBS_TO_WARM_UP = 20
SECONDS_TO_SETTLE = 120
NUMBERS = count()


@dataclass
class Load:
    """What the clients saw: seconds of each call, refusals and wrong answers."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    wrong: int = 0

    def call(self, operation: Callable[..., Any], **request: Any) -> Any:
        """The answer; None if the call was refused."""
        began = time.perf_counter()
        try:
            answer = operation(**request)
        except (ClientError, BotoCoreError):
            self.refused += 1
            return None
        self.seconds.append(time.perf_counter() - began)
        return answer

    def require(self, is_right: bool) -> None:
        """Count an answer that is not."""
        self.wrong += not is_right


def make_calls(forecast: Any, load: Load, end: float) -> None:
    """What one client does until the end."""
    while time.monotonic() < end:
        number = next(NUMBERS)
        name = f"group_{number}"
        created = load.call(forecast.create_dataset_group, DatasetGroupName=name, Domain="CUSTOM")
        if created is None:
            continue
        arn = created["DatasetGroupArn"]
        for _ in range(DESCRIBES):
            described = load.call(forecast.describe_dataset_group, DatasetGroupArn=arn)
            load.require(described is None or (described["DatasetGroupName"], described["Status"]) == (name, "ACTIVE"))
        if number % 2:
            list_groups(forecast, load)
        load.call(forecast.delete_dataset_group, DatasetGroupArn=arn)


def list_groups(forecast: Any, load: Load) -> None:
    """The first pages of the list of groups."""
    position: dict[str, Any] = {}
    for _ in range(PAGES):
        page = load.call(forecast.list_dataset_groups, MaxResults=PAGE, **position)
        if page is None:
            return
        load.require(all(set(group) == LISTED for group in page["DatasetGroups"]))
        if "NextToken" not in page:
            return
        position = {"NextToken": page["NextToken"]}


def measure_calls(deployment: Deployment, clients: int, seconds: float) -> None:
    """Print calls a second, their times and what was wrong with them, for so many clients at a time."""
    load, end = Load(), time.monotonic() + seconds
    shared = [deployment.client("forecast") for _ in range(-(-clients // THREADS_OF_A_CLIENT))]
    threads = [
        threading.Thread(target=make_calls, args=(shared[number % len(shared)], load, end)) for number in range(clients)
    ]
    cpu, wall = sum(family(os.getpid()).values()), time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, cpu = time.monotonic() - wall, sum(family(os.getpid()).values()) - cpu
    taken = sorted(load.seconds)
    half, most = (1000 * taken[int(share * len(taken))] for share in (0.5, 0.99))
    numbers = f"{len(taken) / wall:>9.0f}{half:>9.1f}{most:>9.1f}{1000 * cpu / len(taken):>9.1f}"
    print(f"{clients:>7}{numbers}{load.refused:>9}{load.wrong:>7}", flush=True)


def run_jobs(forecast: Any, jobs: int) -> None:
    """Create and delete so many groups, and wait until none is left. Raises TimeoutError where one stays."""
    for _ in range(jobs):
        group = forecast.create_dataset_group(DatasetGroupName=f"group_{next(NUMBERS)}", Domain="CUSTOM")
        forecast.delete_dataset_group(DatasetGroupArn=group["DatasetGroupArn"])
    end = time.monotonic() + SECONDS_TO_SETTLE
    while forecast.list_dataset_groups(MaxResults=1)["DatasetGroups"]:
        if time.monotonic() > end:
            raise TimeoutError(f"dataset groups are left {SECONDS_TO_SETTLE} s after they were deleted")
        time.sleep(0.2)


def held() -> list[float]:
    """Processes, their threads, open files and MiB, of all that this process has started."""
    members = [process for process in family(os.getpid()) if process != os.getpid()]
    threads, files = (
        sum(len(list(Path(f"/proc/{process}/{kind}").iterdir())) for process in members) for kind in ("task", "fd")
    )
    return [len(members), threads, files, sum(map(mebibytes, members))]


def main() -> None:
    """Deploy, call, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 50])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--jobs", type=int, default=200)
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {options.seconds:g} s each"
    )
    with started() as deployment:
        run_jobs(deployment.client("forecast"), JOBS_TO_WARM_UP)
        print(f"\n{'clients':>7}{'calls/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'cpu ms':>9}{'refused':>9}{'wrong':>7}")
        for clients in options.clients:
            measure_calls(deployment, clients, options.seconds)
        run_jobs(deployment.client("forecast"), 0)
        print(f"\n{'':<22}{'processes':>10}{'threads':>9}{'files':>9}{'MiB':>9}")
        for jobs in (0, options.jobs):
            run_jobs(deployment.client("forecast"), jobs)
            print(f"{f'after {jobs} more jobs':<22}" + "{:>10.0f}{:>9.0f}{:>9.0f}{:>9.0f}".format(*held()), flush=True)


if __name__ == "__main__":
    main()
