"""The workshop's Glue job, without Spark."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def job() -> ModuleType:
    path = Path(__file__).parents[2] / "glue" / "prepare_train_data.py"
    spec = importlib.util.spec_from_file_location("prepare_train_data", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("2018/01/31", "2018-01-31"),
        ("2020/2/9", "2020-02-09"),
        ("2020/02/29", "2020-02-29"),
        ("2019-12-31", "2019-12-31"),
    ],
)
def test_dates_are_written_as_the_service_reads_them(job: ModuleType, raw: str, written: str) -> None:
    assert job.train_date(raw) == written


@pytest.mark.parametrize("raw", ["2019/02/29", "31/01/2018", "2018/01/31 10:00:00", "", None])
def test_what_is_no_date_is_refused_with_what_was_found(job: ModuleType, raw: str | None) -> None:
    with pytest.raises(ValueError, match=r"found .* wanted a date such as 2020/01/31") as error:
        job.train_date(raw)
    assert repr(raw) in str(error.value)
