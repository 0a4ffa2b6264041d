"""How Spark is set for tests, whose few rows cost less than what makes many rows quick."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# Compiling each query, and Java's second compiler, cost more than they gain over a handful of rows.
FOR_SMALL_DATA = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


@contextmanager
def small_spark(folder: Path) -> Iterator[None]:
    """While this lasts, each Spark is set so that a process of ours starts, by its default settings in the folder."""
    lines = [f"{name} {value}\n" for name, value in FOR_SMALL_DATA.items()]
    (folder / "spark-defaults.conf").write_text("".join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(folder))
        patch.setenv("JDK_JAVA_OPTIONS", FOR_SMALL_DATA["spark.driver.extraJavaOptions"])  # of the launcher, too
        yield
