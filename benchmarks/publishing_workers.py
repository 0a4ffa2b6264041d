"""What publishing takes of one worker, as a panel grows: each piece of the work in a process of its own.

The pieces are those that the state machine calls ``publish_forecast`` for, one after the other, over the embedded S3.
The exports are made up. CPU seconds and memory (peak resident set) are the kernel's; disk is what lies in the worker's
folder for temporary files, looked at fifty times a second.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from made_up_exports import write_exports
from made_up_panel import write_panel

from local_aws.embedded.deployment import Deployment
from local_aws.embedded.launcher import ACCESS_KEY, SECRET_KEY

PROJECT = Path(__file__).parent.parent
WORKER = Path(__file__).parent / "publishing_worker.py"
MEMORY_SIZE = 1769  # MB, of publish_forecast in the template
LOOKS_A_SECOND = 50
FILES = {"event": "r", "answer": "w", "log": "w"}
HEADER = f"{'':<24}{'CSV MB':>8}{'shards':>8}{'workers':>9}{'cpu s':>9}{'worker s':>10}{'MiB':>7}{'disk MiB':>10}"


@dataclass(frozen=True)
class Piece:
    """What one worker used, in seconds of CPU and MiB."""

    cpu_seconds: float
    memory: float
    disk: float


class PublishedPanel:
    """A made-up panel in the bucket of a deployment, and its publishing."""

    def __init__(self, deployment: Deployment, items: int, days: int, horizon: int) -> None:
        self._deployment = deployment
        self._size = items, days, horizon
        self._bucket = deployment.outputs["ForecastBucketName"]
        self._run = f"{items}x{days}"
        self._bytes = 0

    def row(self) -> str:
        """Publish the panel, and say in a line of HEADER's table what that took."""
        items, days, _ = self._size
        self._upload()
        work, first = self._invoke(self._document())
        pieces = [first]
        if "Shards" in work:
            for step, numbers in (("read", work["Tasks"]), ("shard", work["Shards"]), ("finish", [0])):
                for number in numbers:
                    event = {"Step": step, "Number": number, "Document": self._document()}
                    pieces.append(self._invoke(event)[1])
        largest = Piece(*(max(getattr(each, name) for each in pieces) for name in ("cpu_seconds", "memory", "disk")))
        return (
            f"{f'{items:,} x {days:,}':<24}{self._bytes / 1e6:>8.0f}{len(work.get('Shards', [0])):>8}{len(pieces):>9}"
            f"{sum(each.cpu_seconds for each in pieces):>9.1f}"
            f"{largest.cpu_seconds:>10.1f}{largest.memory:>7.0f}{largest.disk:>10.0f}"
        )

    def _upload(self) -> None:
        items, days, horizon = self._size
        s3 = self._deployment.client("s3")
        with tempfile.TemporaryDirectory() as name:
            panel = Path(name) / "panel.csv"
            write_panel(panel, items, days)
            self._put(s3, "train/panel.csv", panel)
            for key, path in write_exports(Path(name), items, days, horizon):
                self._put(s3, key, path)

    def _put(self, s3: Any, key: str, path: Path) -> None:
        self._bytes += path.stat().st_size
        s3.upload_file(str(path), self._bucket, f"large/{self._run}/{key}")
        path.unlink()

    def _document(self) -> dict[str, Any]:
        """The run document as it reaches publish_forecast."""
        document: dict[str, Any] = json.loads((PROJECT / "events" / "publish_forecast.json").read_text())
        document["Run"] |= {"Id": self._run, "Bucket": self._bucket}
        names = ("item_id", "string"), ("timestamp", "timestamp"), ("target_value", "float")
        document["Datasets"][0] |= {
            "DataFrequency": "D",
            "Schema": {"Attributes": [{"AttributeName": name, "AttributeType": kind} for name, kind in names]},
        }
        folder = f"s3://{self._bucket}/large/{self._run}"
        document["Imports"][0] |= {"Path": f"{folder}/train/", "TimestampFormat": "yyyy-MM-dd"}
        document["AutoPredictor"] |= {"ForecastHorizon": self._size[2], "ForecastFrequency": "D"}
        for export, place in (("Forecast", "forecast/"), ("Backtest", "backtest/")):
            document["Exports"][export]["Path"] = f"{folder}/{place}"
        return document

    def _invoke(self, event: dict[str, Any]) -> tuple[dict[str, Any], Piece]:
        """The answer of a worker, and what it used. Raises RuntimeError with its words where it fails."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "event").write_text(json.dumps(event))
            temporary = folder / "tmp"
            temporary.mkdir()
            given, answer, log = ((folder / name).open(mode) for name, mode in FILES.items())
            with given, answer, log, _disk_of(temporary) as disk:
                environment = self._environment() | {"TMPDIR": str(temporary)}
                process = subprocess.Popen(
                    [sys.executable, str(WORKER)], stdin=given, stdout=answer, stderr=log, env=environment
                )
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise RuntimeError((folder / "log").read_text()[-2000:])
            piece = Piece(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, max(disk) / 2**20)
            return json.loads((folder / "answer").read_text()) or {}, piece

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "AWS_ENDPOINT_URL": self._deployment.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_SIZE),
            "POWERTOOLS_TRACE_DISABLED": "true",
            "POWERTOOLS_METRICS_NAMESPACE": "FORECAST",
            "POWERTOOLS_SERVICE_NAME": "almanac",
            "STACK_NAME": "almanac",
            "DATABASE_NAME": self._deployment.outputs["DatabaseName"],
            "TRAIN_TABLE_NAME": "train",
            "FORECAST_TABLE_NAME": "forecast",
            "ITEM_MODELS_TABLE_NAME": "item_models",
            "APPROVAL_HOURS": "0",
            "APPROVAL_URL": "",
        }


@contextmanager
def _disk_of(folder: Path) -> Iterator[list[int]]:
    """The bytes of the files below a folder, looked at again and again while the block lasts."""
    sizes, ended = [0], threading.Event()

    def look() -> None:
        while not ended.is_set():
            sizes.append(_size(folder))
            time.sleep(1 / LOOKS_A_SECOND)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield sizes
    finally:
        ended.set()
        looking.join()


def _size(folder: Path) -> int:
    """The bytes of all files below a folder; what goes meanwhile counts nothing."""
    size = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.stat(os.path.join(path, name)).st_size
    return size
