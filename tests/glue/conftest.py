"""The Glue job on real Spark: all plans of the tests in one session, each test then looks at what its plan left.

Skipped where `make glue` has not been run. Workers of pytest-xdist share one session: the first runs it, others wait.
"""

import fcntl
import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local_aws.embedded.glue.spark import (
    DEFAULT_GLUE_VERSION,
    SETTINGS,
    SparkMissingError,
    as_options,
    installed_spark,
    process_environment,
)
from tests.glue.raw_files import CASES, Prepared, plan_of
from tests.glue.small_spark import FOR_SMALL_DATA

GLUE_VERSION = os.environ.get("GLUE", DEFAULT_GLUE_VERSION)  # GLUE=6.0 pytest tests/glue, by hand


@pytest.fixture(scope="session")
def spark_environment() -> Path:
    """Where Spark is installed."""
    try:
        return installed_spark(GLUE_VERSION)
    except SparkMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def answers(spark_environment: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder with a folder for each case, and what the job said to each."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    shared = tmp_path_factory.getbasetemp().parent if is_worker else tmp_path_factory.getbasetemp()
    folder = shared / "glue"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "answers.json").exists():
            _run(spark_environment, folder)
    return folder, json.loads((folder / "answers.json").read_text())


def _run(spark: Path, folder: Path) -> None:
    plans = {name: plan_of(case, folder / name) for name, case in CASES.items()}
    (folder / "plans.json").write_text(json.dumps(plans))
    command = [spark / "bin" / "python", Path(__file__).parent / "run_plans.py"]
    options = shlex.join([*as_options(SETTINGS | FOR_SMALL_DATA), "pyspark-shell"])
    environment = process_environment(spark, folder) | {"PYSPARK_SUBMIT_ARGS": options}
    subprocess.run([*command, folder / "plans.json", folder / "answers.json"], check=True, env=environment, cwd=folder)


@pytest.fixture
def prepared(request: pytest.FixtureRequest, answers: tuple[Path, dict[str, Any]]) -> Prepared:
    """What became of the case that stands above the test."""
    folder, said = answers
    name = request.function.__name__
    return Prepared(folder / name, said[name])
