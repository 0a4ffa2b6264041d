"""Runs the Glue job with many plans in one Spark session: python run_plans.py PLANS ANSWERS, on the Python of Spark.

PLANS is JSON of {name: plan}; ANSWERS becomes JSON of {name: the sentence of a plan that failed, or null}.
"""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pyspark

SCRIPT = Path(__file__).parents[2] / "glue" / "prepare_raw_data.py"


def load_job() -> ModuleType:
    """The job's script as a module."""
    spec = importlib.util.spec_from_file_location("prepare_raw_data", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main(plans: Path, answers: Path) -> None:
    """Run them one after another."""
    job = load_job()
    said: dict[str, str | None] = {"pyspark": pyspark.__version__}
    for name, plan in json.loads(plans.read_text()).items():
        try:
            job.main([str(SCRIPT), "--JOB_NAME", "prepare", "--plan", json.dumps(plan)])
            said[name] = None
        except SystemExit as end:
            said[name] = str(end)
    answers.write_text(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
