"""Waiting until a drop of several files is over, so that all events of one drop see the same content."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from forecast_pipeline.parameters.problems import ParameterError
from forecast_pipeline.parameters.read import read_parameters
from forecast_pipeline.parameters.requests import PipelineSettings
from forecast_pipeline.runs.data_files import Content, read_content

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RESERVE_MILLISECONDS = 60_000  # what listing, checking and starting may take after the wait


def settled_content(
    s3: "S3Client", bucket: str, parameter_file: str, remaining_milliseconds: Callable[[], int]
) -> Content:
    """The content of the bucket once nothing has changed for QuietSeconds.

    A drop that lasts longer than the function may run is given as it is: the event of its last file starts another run,
    over the whole.
    """
    content = read_content(s3, bucket, parameter_file)
    while True:
        quiet_seconds = _quiet_seconds(content.parameters)
        if remaining_milliseconds() < RESERVE_MILLISECONDS + quiet_seconds * 1000:
            return content
        time.sleep(quiet_seconds)
        before, content = content, read_content(s3, bucket, parameter_file)
        if content == before:
            return content


def _quiet_seconds(parameters: bytes | None) -> float:
    """Pipeline.QuietSeconds of params.json; its default if params.json cannot be read."""
    try:
        return read_parameters("params.json", parameters or b"").Pipeline.QuietSeconds
    except ParameterError:
        return PipelineSettings().QuietSeconds
