"""Waiting until a drop of several files is over, so that all events of one drop see the same content."""

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from forecast_pipeline.parameters.problems import ParameterError
from forecast_pipeline.parameters.read import read_parameters
from forecast_pipeline.parameters.requests import PipelineSettings

RESERVE_MILLISECONDS = 60_000  # what listing, checking and starting may take after the wait


class HasParameters(Protocol):
    """What a bucket holds: files, whatever they are for, and the bytes of params.json."""

    @property
    def parameters(self) -> bytes | None:
        """None if there is no params.json."""


Content = TypeVar("Content", bound=HasParameters)


def settled_content(
    read: Callable[[], Content],
    remaining_milliseconds: Callable[[], int],
    is_at_rest: Callable[[Content], bool] = lambda _: True,
) -> Content:
    """What ``read`` says of the bucket once it has said the same for QuietSeconds, and ``is_at_rest`` agrees.

    A drop that lasts longer than the function may run is given as it is: the event of its last file starts another run,
    over the whole.
    """
    content = read()
    while True:
        quiet_seconds = _quiet_seconds(content.parameters)
        if remaining_milliseconds() < RESERVE_MILLISECONDS + quiet_seconds * 1000:
            return content
        time.sleep(max(quiet_seconds, 0 if is_at_rest(content) else 1))
        before, content = content, read()
        if content == before and is_at_rest(content):
            return content


def _quiet_seconds(parameters: bytes | None) -> float:
    """Pipeline.QuietSeconds of params.json; its default if params.json cannot be read."""
    try:
        return read_parameters("params.json", parameters or b"").Pipeline.QuietSeconds
    except ParameterError:
        return PipelineSettings().QuietSeconds
