"""What the workers of one publishing leave for each other, below ``tmp/publish/<run>/``; the bucket sweeps ``tmp/``."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from duckdb import DuckDBPyConnection

from forecast_pipeline.publishing.exports.file_ranges import CALLS_AT_A_TIME, FileRange
from forecast_pipeline.publishing.exports.forecast_types import ForecastTypes
from forecast_pipeline.publishing.exports.run_facts import RunFacts
from forecast_pipeline.publishing.report.data import largest_of
from forecast_pipeline.publishing.report.items import ReportItem
from forecast_pipeline.publishing.steps.plan import KINDS, PublishingPlan
from forecast_pipeline.publishing.steps.row_groups import RowGroups, load_rows
from forecast_pipeline.publishing.steps.shard import SHARD_FILES, ShardFigures

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PLAN = "plan.json"


class WorkFolder:
    """The papers and rows of one run on their way through publishing."""

    def __init__(self, client: "S3Client", bucket: str, run_id: str) -> None:
        """Nothing is read or written yet."""
        self.client = client
        self.bucket = bucket
        self._folder = f"tmp/publish/{run_id}/"

    def write_plan(self, plan: PublishingPlan) -> None:
        """Leave the plan for all workers."""
        self._write(PLAN, plan.to_document())

    def plan(self) -> PublishingPlan:
        """The plan that the first step left."""
        return PublishingPlan.from_document(self._read(PLAN))

    def write_task(self, number: int, facts: RunFacts, rows: Path, groups: RowGroups) -> None:
        """Leave what a task has read."""
        self.client.upload_file(str(rows), self.bucket, self._key(f"tasks/{number:05}.rows"))
        self._write(f"tasks/{number:05}.json", {"facts": facts.to_document(), "row_groups": groups})

    def facts(self, plan: PublishingPlan) -> RunFacts:
        """The facts of all files."""
        return RunFacts.sum(RunFacts.from_document(each["facts"]) for each in self._tasks(plan))

    def load_shard(self, plan: PublishingPlan, shard: int, connection: DuckDBPyConnection, folder: Path) -> RunFacts:
        """Make the tables of a shard as if one worker had read its rows; returns the facts of all files."""
        papers = self._tasks(plan)
        for kind in KINDS:
            rows, times = [], []
            for number, paper in enumerate(papers):
                if plan.tasks[number].kind == kind:
                    groups, name = paper["row_groups"], f"tasks/{number:05}.rows"
                    extents = [*groups["shards"].get(str(shard), []), *groups["columns"]]
                    rows += [(name, first, length) for first, length in extents]
                    times += [(name, first, length) for first, length in groups["times"]]
            files = self._fetch([*rows, *times], folder)
            load_rows(connection, kind, files[: len(rows)], files[len(rows) :])
            for path in files:
                path.unlink()
        return RunFacts.sum(RunFacts.from_document(each["facts"]) for each in papers)

    def write_shard(self, number: int, figures: ShardFigures, directory: Path) -> None:
        """Leave a shard's figures, its items for the report, and its part of each of SHARD_FILES."""
        lines = [json.dumps(item.document, allow_nan=False).encode() + b"\n" for item in figures.largest.items]
        ends = accumulate(map(len, lines))
        items = [replace(item, document={"end": end}) for item, end in zip(figures.largest.items, ends, strict=True)]
        self.client.put_object(Bucket=self.bucket, Key=self._key(f"shards/{number:05}.items"), Body=b"".join(lines))
        for name in SHARD_FILES.values():
            self.client.upload_file(str(directory / name), self.bucket, self._key(f"shards/{number:05}/{name}"))
        sizes = {name: (directory / name).stat().st_size for name in SHARD_FILES.values()}
        left = replace(figures, largest=replace(figures.largest, items=items))
        self._write(f"shards/{number:05}.json", {"figures": left.to_document(), "sizes": sizes})

    def shards(
        self, plan: PublishingPlan, types: ForecastTypes
    ) -> tuple[list[ShardFigures], dict[str, list[FileRange]]]:
        """The figures of all shards, with the report's items alone; and of each file of SHARD_FILES its parts."""
        papers = self._many([f"shards/{number:05}.json" for number in range(plan.shard_count)])
        figures = [ShardFigures.from_document(types, each["figures"]) for each in papers]
        counts = largest_of([each.largest for each in figures])
        cut = [
            replace(each, largest=replace(each.largest, items=self._items(number, each.largest.items[:count])))
            for number, (each, count) in enumerate(zip(figures, counts, strict=True))
        ]
        return cut, {name: self._parts(name, papers) for name in SHARD_FILES.values()}

    def _parts(self, name: str, papers: Sequence[dict[str, Any]]) -> list[FileRange]:
        sizes = [each["sizes"][name] for each in papers]
        keys = [self._key(f"shards/{number:05}/{name}") for number in range(len(papers))]
        return [FileRange(self.bucket, key, size, 0, size) for key, size in zip(keys, sizes, strict=True)]

    def _items(self, shard: int, items: list[ReportItem]) -> list[ReportItem]:
        """The first items of a shard, as they were left; all of them stand at the beginning of their object."""
        if not items:
            return []
        lines = self._bytes((f"shards/{shard:05}.items", 0, items[-1].document["end"])).splitlines()
        return [replace(item, document=json.loads(line)) for item, line in zip(items, lines, strict=True)]

    def _tasks(self, plan: PublishingPlan) -> list[dict[str, Any]]:
        return self._many([f"tasks/{number:05}.json" for number in range(len(plan.tasks))])

    def _many(self, names: Sequence[str]) -> list[dict[str, Any]]:
        with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
            return list(pool.map(self._read, names))

    def _fetch(self, extents: Sequence[tuple[str, int, int]], folder: Path) -> list[Path]:
        """Ranges of bytes as files, in the same order."""
        files = [folder / f"{number:05}.parquet" for number in range(len(extents))]
        with ThreadPoolExecutor(CALLS_AT_A_TIME) as pool:
            list(pool.map(lambda extent, path: path.write_bytes(self._bytes(extent)), extents, files))
        return files

    def _bytes(self, extent: tuple[str, int, int]) -> bytes:
        name, first, length = extent
        wanted = f"bytes={first}-{first + length - 1}"
        return self.client.get_object(Bucket=self.bucket, Key=self._key(name), Range=wanted)["Body"].read()

    def _write(self, name: str, document: dict[str, Any]) -> None:
        self.client.put_object(Bucket=self.bucket, Key=self._key(name), Body=json.dumps(document).encode())

    def _read(self, name: str) -> dict[str, Any]:
        body = self.client.get_object(Bucket=self.bucket, Key=self._key(name))["Body"].read()
        document: dict[str, Any] = json.loads(body)
        return document

    def _key(self, name: str) -> str:
        return self._folder + name
