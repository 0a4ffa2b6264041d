"""What the service of one checkout answers about the fixed panels, as papers: text that has no id and no time in it.

    PYTHONPATH=CHECKOUT/src python benchmarks/forecast_papers.py CHECKOUT FOLDER [PANEL ...]

leaves ``FOLDER/<panel>/<shards>/<paper>.txt``. ``same_forecasts.py`` runs it for two checkouts and compares.
"""

import sys
from pathlib import Path

from fixed_panels import fixed_panels
from fruit_shop_papers import ask_the_shop
from panel_study import Study
from served_checkout import served


def write_papers(checkout: Path, folder: Path, names: list[str]) -> None:
    """Write the papers of the panels of these names, or of every panel, at each of their numbers of shards."""
    panels = fixed_panels()
    if unknown := {*names} - {panel.name for panel in panels}:
        raise ValueError(f"panels: found {', '.join(unknown)}, wanted some of {', '.join(p.name for p in panels)}.")
    for panel in [panel for panel in panels if not names or panel.name in names]:
        for shard_count in panel.shard_counts:
            with served(checkout, shard_count) as service:
                study = Study(panel, service)
                study.run()
                if panel.name == "fruit_shop":
                    ask_the_shop(study)
            place = folder / panel.name / str(shard_count)
            place.mkdir(parents=True)
            for name, lines in study.papers.items():
                (place / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def forget_other_sources(checkout: Path) -> None:
    """Leave the standard library, the packages of the environment, the checkout and this folder to import from."""
    kept = [Path(prefix).resolve() / "lib" for prefix in (sys.prefix, sys.base_prefix)]
    kept += [checkout / "src", Path(__file__).resolve().parent]
    sys.path[:] = [path for path in sys.path if any(Path(path).resolve().is_relative_to(parent) for parent in kept)]


if __name__ == "__main__":
    forget_other_sources(Path(sys.argv[1]).resolve())
    write_papers(Path(sys.argv[1]).resolve(), Path(sys.argv[2]), sys.argv[3:])
