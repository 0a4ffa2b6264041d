"""Trees by LightGBM, which comes lazily and alone."""

import subprocess
import sys

SHIPPED = "from forecast_engine.global_model import pretrained; pretrained.shipped()"


def loaded_after(statement: str) -> list[str]:
    """Which of LightGBM and pandas a fresh interpreter has loaded then."""
    code = f"import sys; {statement}; print(*[name for name in ('lightgbm', 'pandas') if sys.modules.get(name)])"
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()


def test_the_engine_alone_loads_no_lightgbm_and_lightgbm_no_pandas() -> None:
    assert loaded_after("import forecast_engine") == []
    assert loaded_after(SHIPPED) == ["lightgbm"]


def test_pandas_can_be_loaded_afterwards_and_stays_if_it_was_there() -> None:
    assert loaded_after(f"{SHIPPED}; import pandas") == ["lightgbm", "pandas"]
    assert loaded_after(f"import pandas; {SHIPPED}") == ["lightgbm", "pandas"]
