"""What a training is asked for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

JsonObject = dict[str, Any]  # a paper as it travels between machines, and is stored
ErrorMeasure = Literal["absolute", "squared", "percentage"]


@dataclass(frozen=True)
class SamplingSettings:
    """How NPTS weighs the past that it draws from.

    ``is_seasonal``: only the same phase of a season counts, but for intermittent items, where it counts double.
    ``decay``: a period of age a weighs exp(-decay * a), None for the engine's own memories, 0 for all periods alike.
    ``context_length``: older periods than so many count nothing; None for no limit.
    """

    is_seasonal: bool = True
    decay: float | None = None
    context_length: int | None = None

    def __post_init__(self) -> None:
        """Refuse weights that grow with age, and a past of no period."""
        if self.decay is not None and not self.decay >= 0:
            raise ValueError(f"A decay of {self.decay}: expected 0 or more")
        if self.context_length is not None and self.context_length < 1:
            raise ValueError(f"A context of {self.context_length} periods: expected at least 1")


@dataclass(frozen=True)
class TrainingSettings:
    """Horizon and window offset in periods of the grid; ``models`` None means the whole portfolio.

    ``sampling`` None means NPTS as it serves the portfolio: any period counts, the same phase of the season double.

    ``measure`` says which errors of the backtest the models' weights are learnt from.

    Backtest window 0 starts ``window_offset`` periods before the end of the history, each further window one
    horizon earlier:  ``x x x x 1 1 0 0``  (horizon 2, offset 2, two windows).
    """

    horizon: int
    quantiles: tuple[float, ...]
    include_mean: bool
    window_count: int
    window_offset: int
    models: tuple[str, ...] | None = None
    measure: ErrorMeasure = "absolute"
    sampling: SamplingSettings | None = None

    def __post_init__(self) -> None:
        """Refuse settings no history could satisfy."""
        if self.horizon < 1:
            raise ValueError(f"A horizon of {self.horizon} periods: expected at least 1")
        if self.window_count < 1:
            raise ValueError(f"{self.window_count} backtest windows: expected at least 1")
        if self.window_offset < self.horizon:
            raise ValueError(
                f"A window offset of {self.window_offset} periods: expected at least the horizon, {self.horizon}"
            )
        for quantile in self.quantiles:
            if not 0 < quantile < 1:
                raise ValueError(f"Quantile {quantile}: expected a number between 0 and 1")

    @property
    def has_floor(self) -> bool:
        """Whether seasonal naive forecasts what it was better at; models asked for by name forecast in any case."""
        return self.models is None

    def to_document(self) -> JsonObject:
        """The same settings as a JSON object."""
        return {
            "horizon": self.horizon,
            "quantiles": list(self.quantiles),
            "include_mean": self.include_mean,
            "window_count": self.window_count,
            "window_offset": self.window_offset,
            "models": None if self.models is None else list(self.models),
            "measure": self.measure,
            "sampling": None if self.sampling is None else asdict(self.sampling),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "TrainingSettings":
        """Settings from what ``to_document`` wrote."""
        models, sampling = document["models"], document.get("sampling")
        return cls(
            horizon=document["horizon"],
            quantiles=tuple(document["quantiles"]),
            include_mean=document["include_mean"],
            window_count=document["window_count"],
            window_offset=document["window_offset"],
            models=None if models is None else tuple(models),
            measure=document.get("measure", "absolute"),  # older documents know of no other
            sampling=None if sampling is None else SamplingSettings(**sampling),
        )
