"""The values of params.json: each type refuses what Amazon Forecast would refuse, in the words of ``problems``."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from forecast_contract.frequencies import FREQUENCY_WORDS, is_frequency
from forecast_contract.timestamp_formats import DATE, DATE_AND_TIME
from forecast_language import said
from forecast_pipeline.parameters.encodings import ENCODINGS, is_encoding


def _matching(pattern: str, wanted: Callable[[], str]) -> AfterValidator:
    """A validator whose complaint says in words what is wanted."""
    compiled = re.compile(pattern)
    return _fulfilling(lambda value: compiled.fullmatch(value) is not None, wanted)


def _fulfilling(is_right: Callable[[str], bool], wanted: Callable[[], str]) -> AfterValidator:
    def check(value: str) -> str:
        if not is_right(value):
            raise PydanticCustomError("wanted", "{wanted}", {"wanted": wanted()})
        return value

    return AfterValidator(check)


ResourceName = Annotated[
    str,
    _matching(
        "[a-zA-Z][a-zA-Z0-9_]{0,62}",
        lambda: said("1 to 63 letters, digits and underscores, beginning with a letter"),
    ),
]
Algorithm = Annotated[
    str,
    _matching(
        "arn:aws[a-z-]*:forecast:::algorithm/(ARIMA|CNN-QR|Deep_AR_Plus|ETS|NPTS|Prophet)",
        lambda: said("arn:aws:forecast:::algorithm/ and ARIMA, CNN-QR, Deep_AR_Plus, ETS, NPTS or Prophet"),
    ),
]
Frequency = Annotated[str, _fulfilling(is_frequency, lambda: said("a frequency: {words}", words=FREQUENCY_WORDS))]
Quantile = Annotated[str, _matching(r"0?\.\d\d?|mean", lambda: said('a quantile such as "0.1" or "0.95", or "mean"'))]
TimestampPattern = Annotated[
    str, _matching("yyyy-MM-dd( (HH|hh):mm:ss)?", lambda: said('"{date}" or "{time}"', date=DATE, time=DATE_AND_TIME))
]
Quantiles = Annotated[list[Quantile], Field(min_length=1, max_length=5)]
Horizon = Annotated[int, Field(ge=1, le=500)]  # and at most a third of the history, which only the import knows
DatePattern = Annotated[
    str,
    _matching(
        r"(?=.*y)(?:[yMdHhmsSaEXxz]|'[^']*'|[^A-Za-z'])+",
        lambda: said("a pattern in the letters of Java, such as yyyy.MM.dd or dd/MM/yyyy HH:mm (small y and d)"),
    ),
]
FieldMark = Annotated[str, _matching(r"""[^\w\s"']|[\t ]""", lambda: said("one character such as ; or a tab"))]
EncodingName = Annotated[str, _fulfilling(is_encoding, lambda: said("one of {names}", names=", ".join(ENCODINGS)))]
MetricName = Literal["WAPE", "RMSE", "AverageWeightedQuantileLoss", "MASE", "MAPE"]
Weekday = Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
MonthName = Literal[
    "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE",
    "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER",
]  # fmt: skip
Scaling = Literal["Auto", "Linear", "Logarithmic", "ReverseLogarithmic"]


class StrictObject(BaseModel):
    """A JSON object. An unknown member is an error, and so is a number in quotes."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def without_nulls(self) -> dict[str, Any]:
        """The object with its defaults, and without the members that are null."""
        return self.model_dump(exclude_none=True)
