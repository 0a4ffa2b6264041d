"""What publish_forecast says of the forecast it published: accuracy, counts, and where the files are.

The state machine keeps it as ``$.Published``. The mail and the command ``almanac`` read it, and accuracy.json holds it.
"""

from pydantic import BaseModel, ConfigDict


class AccuracyFigures(BaseModel):
    """Means over the backtest windows; None where nothing defines the measure.

    ``Coverage80`` is the share of actual values inside the band, if that is one of 80 %, such as p10 to p90.
    """

    model_config = ConfigDict(defer_build=True)

    AverageWeightedQuantileLoss: float | None = None
    WAPE: float | None = None
    RMSE: float | None = None
    MASE: float | None = None
    Coverage80: float | None = None
    WindowCount: int | None = None


class Published(BaseModel):
    """One published forecast.

    ``ModelShares`` maps a model to its mean weight over all items, {} if the service does not say. ``AttributeImpact``
    maps an attribute to its score, the largest first; it is None if no explanation was asked for. ``SupersededBy`` is
    the run that started later and was faster, if there is one. ``Files`` maps the name of a file to its path in S3.
    """

    model_config = ConfigDict(defer_build=True)

    Accuracy: AccuracyFigures
    SeasonalNaive: AccuracyFigures
    ItemCount: int
    NewItemCount: int = 0
    Horizon: int
    FirstTimestamp: str
    LastTimestamp: str
    ModelShares: dict[str, float] = {}
    MergedRowCount: int = 0
    SupersededBy: str | None = None
    Files: dict[str, str] = {}
    AttributeImpact: dict[str, float] | None = None

    @property
    def deciding_measure(self) -> tuple[str, float, float] | None:
        """What tells whether the forecast is better than seasonal naive: a measure's name, its value, naive's value.

        Average wQL, or WAPE where no quantile was forecast; None where nothing was measured.
        """
        forecast, naive = self.Accuracy, self.SeasonalNaive
        if forecast.AverageWeightedQuantileLoss is not None and naive.AverageWeightedQuantileLoss is not None:
            return "average wQL", forecast.AverageWeightedQuantileLoss, naive.AverageWeightedQuantileLoss
        if forecast.WAPE is not None and naive.WAPE is not None:
            return "WAPE", forecast.WAPE, naive.WAPE
        return None
