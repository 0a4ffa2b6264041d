"""What a panel knows of its items: their metadata, items without history, and the shards that they meet in."""

import numpy as np
import pytest

from forecast_service.jobs.dataset_import_job import read_files
from tests.forecast_service.jobs.service import Service
from tests.forecast_service.panel.imported_group import NAN, PRICES, TARGET, Data, days, rows


def test_metadata_are_text_or_numbers_and_may_be_unknown(data: Data) -> None:
    history = list(zip(days("2020-01-01", 10), range(10), strict=True))
    data.target("".join(rows(item, history) for item in ("cap", "hat", "scarf")))
    data.metadata("hat,wool,7\ncap,,\nhat,wool,7\n", "fabric:string", "weight:float")
    keys, panel = data.source().panel(0, 1)
    assert keys == [("cap",), ("hat",), ("scarf",)]
    assert panel.covariates.attributes["fabric"].tolist() == ["", "wool", ""]
    assert panel.covariates.attributes["weight"].tolist() == pytest.approx([NAN, 7, NAN], nan_ok=True)


def test_items_that_only_the_metadata_name_are_new_and_without_history(data: Data) -> None:
    data.metadata("cap,felt\nhat,wool\n", "fabric:string")
    data.related(rows("cap", zip(days("2020-01-11", 2), (8, 9), strict=True)))
    source = data.source()
    keys, panel = source.panel(0, 1)
    assert keys == [("hat",), ("cap",)]
    assert panel.item_ids == ["hat", "cap"]
    assert np.isnan(panel.target[1]).all()
    assert not panel.observed[1].any()
    assert panel.covariates.attributes["fabric"].tolist() == ["wool", "felt"]
    assert panel.covariates.related["price"][1].tolist() == pytest.approx([NAN] * 10 + [8, 9], nan_ok=True)
    assert source.panel(0, 1, with_new_items=False)[0] == [("hat",)]
    assert source.panel(0, 1, {("cap",)})[0] == [("cap",)]


def test_new_items_have_no_place_among_dimensions(service: Service) -> None:
    data = Data(service)
    data.target("".join(f"hat,{day},1,north\n" for day in days("2020-01-01", 10)), "store:string")
    data.metadata("cap,felt\nhat,wool\n", "fabric:string")
    keys, panel = data.source(ForecastDimensions=["store"]).panel(0, 1)
    assert keys == [("hat", "north")]
    assert panel.covariates.attributes["fabric"].tolist() == ["wool"]


def test_many_new_items_make_finer_shards(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    data.metadata("".join(f"new_{number},felt\n" for number in range(60)), "fabric:string")
    source = data.source()
    assert (source.shard_count, source.shards) == (1, [0])
    monkeypatch.setattr("forecast_service.storage.shards.CELLS_PER_SHARD", 100)  # 60 items of ten days are 600 cells
    assert source.shard_count == 8
    panels = [source.panel(shard, 8) for shard in source.shards]
    found = [key for keys, _ in panels for key in keys]
    assert sorted(found) == sorted([("hat",), *((f"new_{number}",) for number in range(60))])
    assert all(len(keys) == len(panel.target) for keys, panel in panels)


def test_tables_of_different_shards_meet(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    items = [f"item_{number}" for number in range(12)]
    counts = {"TARGET_TIME_SERIES": 4, "RELATED_TIME_SERIES": 2, "ITEM_METADATA": 8}
    data = Data(service)
    for kind, count in counts.items():
        monkeypatch.setattr(read_files, "shard_count_for", lambda csv_bytes, count=count: count)
        if kind == "ITEM_METADATA":
            data.metadata("".join(f"{item},{item}\n" for item in items), "own_name:string")
        else:
            length = 10 if kind == "TARGET_TIME_SERIES" else 12
            text = "".join(
                rows(item, [(day, at) for day in days("2020-01-01", length)]) for at, item in enumerate(items)
            )
            data.add(text, *(TARGET if length == 10 else PRICES), dataset_type=kind)
    source = data.source()
    assert source.shard_count == 4
    seen = []
    for shard in source.shards:
        keys, panel = source.panel(shard, source.shard_count)
        for position, (item,) in enumerate(keys):
            number = items.index(item)
            assert panel.covariates.related["price"][position].tolist() == [number] * 12
            assert panel.covariates.attributes["own_name"][position] == item
            seen.append(item)
    assert sorted(seen) == sorted(items)
