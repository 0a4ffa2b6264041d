"""The engine's two public faces: what they show in their docstrings runs."""

import doctest

import pytest

import forecast_engine
from forecast_engine import evaluation


@pytest.mark.parametrize("face", [forecast_engine, evaluation], ids=lambda face: face.__name__)
def test_the_example_of_a_public_face_runs(face: object) -> None:
    result = doctest.testmod(face)  # type: ignore[arg-type]
    assert result.attempted
    assert not result.failed
