"""A new preparation: params.json and the raw files are checked, and the document is written that enters the machine."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from forecast_pipeline.parameters.problems import ParameterError
from forecast_pipeline.parameters.read import read_parameters
from forecast_pipeline.parameters.requests import Parameters
from forecast_pipeline.preparation.layouts import laid_out, refuse_empty_folders
from forecast_pipeline.preparation.plan import plan_of
from forecast_pipeline.preparation.raw_files import RawContent
from forecast_pipeline.preparation.raw_table import are_new
from forecast_pipeline.runs.data_files import DataFile
from forecast_pipeline.runs.executions import Trigger
from forecast_pipeline.runs.heads import DataFileError
from forecast_pipeline.runs.prepared_data import read_manifest
from forecast_pipeline.runs.run_document import RunHead

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client


class NothingNew(Exception):  # noqa: N818 - no error: there is nothing to do
    """Every raw file was prepared already; the text says so."""


class Preparations:
    """What makes the documents of preparations over one content of a bucket."""

    def __init__(self, s3: "S3Client", glue: "GlueClient", database: str, parameter_file: str) -> None:
        """``database`` is where the crawler keeps its tables."""
        self.s3 = s3
        self.glue = glue
        self.database = database
        self.parameter_file = parameter_file

    def document(self, content: RawContent, trigger: Trigger, run: str) -> dict[str, Any]:
        """The document of a preparation over the content.

        Where params.json or a file is wrong it holds the sentence about it as ``Problem``: the preparation then ends at
        its first state, before anything is started. Raises NothingNew where there is nothing to prepare.
        """
        head = RunHead(
            Id=run,
            Bucket=trigger.bucket,
            ParameterFile=self.parameter_file,
            Event=trigger.id,
            StartedAt=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        document = {"Run": head.as_given(), "Raw": {"FileCount": len(content.files), "Digest": content.digest}}
        try:
            return document | self._planned(content, trigger.bucket, run) | {"Problem": None}
        except (ParameterError, DataFileError) as problem:
            return document | {"Problem": str(problem)}

    def _planned(self, content: RawContent, bucket: str, run: str) -> dict[str, Any]:
        if content.parameters is None:
            raise ParameterError(
                f"{self.parameter_file}: found no such file in bucket {bucket}, wanted it at the bucket's root."
            )
        parameters = read_parameters(self.parameter_file, content.parameters)
        files = self._files(content, bucket, parameters)
        layouts = laid_out(self.s3, bucket, files, parameters)
        mode = parameters.Pipeline.RawData.Mode
        return {
            "Raw": {"FileCount": len(files), "Digest": content.digest, "Mode": mode},
            "Plan": plan_of(parameters, layouts, bucket, run),
            "Crawl": any(
                layout.is_crawled and are_new(self.glue, self.database, bucket, layout.head.columns)
                for layout in layouts
            ),
        }

    def _files(self, content: RawContent, bucket: str, parameters: Parameters) -> tuple[DataFile, ...]:
        """All raw files, or with Mode append those that are not prepared yet."""
        settings = parameters.Pipeline.RawData
        manifest = read_manifest(self.s3, bucket)
        if settings.Mode == "replace" or manifest is None:
            refuse_empty_folders(content.files, settings)
            return content.files
        new = tuple(file for file in content.files if file.key not in manifest.Sources)
        for file in content.files:
            if manifest.Sources.get(file.key, file.etag) != file.etag:
                raise DataFileError(
                    f"{file.key}: found other bytes than preparation {manifest.Run} had, wanted a new name for new"
                    " rows, since Pipeline.RawData.Mode append keeps the old ones."
                )
        if not new:
            raise NothingNew(f"every file of raw_data/ is in train/ since preparation {manifest.Run}")
        return new
