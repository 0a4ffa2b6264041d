"""The two fits of the global model as they travel from the panel to its shards."""

from dataclasses import dataclass
from typing import Literal

from forecast_engine.global_model.covariate_columns import Layout
from forecast_engine.panel.demand_class import INTERMITTENT, SMOOTH
from forecast_engine.settings import JsonObject

FitName = Literal["windows", "final"]


@dataclass(frozen=True)
class GlobalFits:
    """``windows`` has learnt from what lies before the backtest windows, ``final`` from everything.

    Each maps demand classes to trees as text (see ``trees.grown``), None for a class with too little to learn from.
    ``groups``: by demand class what the columns of its features are made of, nothing for a class without trees.
    ``windows_from``: the first period that ``windows`` has not seen.
    """

    layout: Layout
    groups: dict[str, list[str]]
    windows_from: int
    windows: dict[str, str | None]
    final: dict[str, str | None]

    def trees(self, fit: FitName) -> dict[str, str | None]:
        """The trees of one fit, by demand class."""
        return self.windows if fit == "windows" else self.final

    def to_document(self) -> JsonObject:
        """The same fits as a JSON object."""
        return {
            "layout": self.layout.to_document(),
            "groups": self.groups[SMOOTH],
            "demand_groups": self.groups[INTERMITTENT],
            "windows_from": self.windows_from,
            "windows": self.windows,
            "final": self.final,
        }

    @classmethod
    def from_document(cls, document: JsonObject) -> "GlobalFits":
        """The fits that ``to_document`` wrote."""
        return cls(
            layout=Layout.from_document(document["layout"]),
            groups={SMOOTH: document["groups"], INTERMITTENT: document["demand_groups"]},
            windows_from=document["windows_from"],
            windows=document["windows"],
            final=document["final"],
        )
