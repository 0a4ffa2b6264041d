"""Members of Pipeline in params.json that say what may be published, and what counts as drift."""

from typing import Annotated

from pydantic import Field

from forecast_pipeline.parameters.types import StrictObject


class PublishIf(StrictObject):
    """What a forecast must keep to, to become the latest one; None asks for nothing.

    MaxLossOverNaive: its loss in the backtest over that of seasonal naive. Where it is not given, a forecast above 1.1
    is held back only if the forecast in place is not above it, so a first one is published. MaxLossOverLatest: its loss
    over that of the forecast in place. MinCoverage and MaxCoverage: the share of actual values inside the band of 80 %.
    MinItemShare: its items over those of the forecast in place.
    """

    MaxLossOverNaive: Annotated[float, Field(gt=0)] | None = None
    MaxLossOverLatest: Annotated[float, Field(gt=0)] | None = None
    MinCoverage: Annotated[float, Field(ge=0, le=1)] | None = None
    MaxCoverage: Annotated[float, Field(ge=0, le=1)] | None = None
    MinItemShare: Annotated[float, Field(gt=0)] | None = None


class DriftLimits(StrictObject):
    """Beyond which a forecast drifts away from what comes, or the input from that of the run before.

    LossRatio: the loss on what came, over the loss that the backtest had. CoverageGap: the share of values that the
    band should hold, less the share that it held. Bias: |sum of y - sum of f| / sum of |y|. RowLoss: the share of the
    target's rows that there are less. ItemLoss: the share of items that have vanished. LevelChange: of the last season
    against the one before, up or down, over the one before.
    """

    LossRatio: Annotated[float, Field(ge=1)] = 1.5
    CoverageGap: Annotated[float, Field(ge=0, le=1)] = 0.2
    Bias: Annotated[float, Field(ge=0)] = 0.2
    RowLoss: Annotated[float, Field(ge=0, le=1)] = 0.2
    ItemLoss: Annotated[float, Field(ge=0, le=1)] = 0.1
    LevelChange: Annotated[float, Field(ge=0)] = 0.5
