"""What all exports do alike: one round, which writes a part of the files per shard and marks its start and its end."""

from abc import ABC, abstractmethod
from functools import cached_property
from typing import ClassVar

from forecast_service.caller_files.export_files import ExportFiles, parts_of
from forecast_service.jobs.base.job import JobContext, Outcome, Round


class ExportJob(ABC):
    """The job of an export. Shard ``n`` of its round writes part ``n``, which holds some of the source's shards."""

    prefixes: ClassVar[tuple[str, ...]] = ("",)  # what the names of its files begin with, below the caller's path

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self.rounds: tuple[Round[None], ...] = (self,)

    def plan_shards(self) -> list[int]:
        self._files.begin()
        return list(range(len(self._parts)))

    @abstractmethod
    def run(self, shard: int, /) -> None:
        """Write the files of a part."""

    def finish(self, _results: list[None], /) -> Outcome:
        self._files.succeed()
        return Outcome()

    def discard(self) -> None:
        self._files.withdraw(self.prefixes)

    @property
    @abstractmethod
    def _source_shards(self) -> list[int]:
        """The shards of the exported resource."""

    @cached_property
    def _files(self) -> ExportFiles:
        return ExportFiles(self._context.record)

    @property
    def _parts(self) -> list[list[int]]:
        return parts_of(self._source_shards)
