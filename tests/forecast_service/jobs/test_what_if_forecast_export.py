"""Exports of what-if forecasts beside their baseline."""

import io

import duckdb

from tests.forecast_service.jobs.what_if_scenarios import STEPS, Scenarios, transformation


def test_an_export_has_the_columns_of_the_baseline_and_of_each_scenario(scenarios: Scenarios) -> None:
    service, analysis = scenarios.service, scenarios.analysis()
    cheap = scenarios.forecast(analysis, "Cheap_Week", **transformation("MULTIPLY", 0.8))
    dear = scenarios.forecast(analysis, "dear", **transformation("MULTIPLY", 1.3))
    rows = scenarios.rows(dear, cheap)
    names = [f"{name}_{quantile}" for name in ("Baseline", "dear", "Cheap_Week") for quantile in ("p10", "p50", "p90")]
    assert list(rows[0]) == ["date", "item_id", *names]
    assert [(row["item_id"], row["date"]) for row in rows[:8]] == [
        *(("item_00", f"{step}T00:00:00Z") for step in STEPS),
        ("item_01", f"{STEPS[0]}T00:00:00Z"),
    ]
    in_parquet = scenarios.export(dear, cheap, name="parquet", Format="PARQUET")
    (key,) = (key for key in service.keys("parquet/") if key.endswith(".parquet"))
    assert key.rpartition("/")[2].startswith(f"{in_parquet.name}_20")
    assert {"parquet/_CHECK", "parquet/_SUCCESS"} < set(service.keys("parquet/"))
    table = duckdb.read_parquet(io.BytesIO(service.read(key)))
    assert table.columns == list(rows[0])
    assert [[*map(str, row)] for row in table.fetchall()] == [list(row.values()) for row in rows]
