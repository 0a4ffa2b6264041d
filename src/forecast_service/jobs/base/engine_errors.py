"""What the engine refuses, as a refusal of the job's input."""

from collections.abc import Iterator
from contextlib import contextmanager

from forecast_files.input_refused import InputRefused


@contextmanager
def engine_refusals() -> Iterator[None]:
    """Raise the engine's ValueErrors as InputRefused: their text names item, found and wanted, for the caller."""
    try:
        yield
    except ValueError as error:
        raise InputRefused(str(error)) from error
