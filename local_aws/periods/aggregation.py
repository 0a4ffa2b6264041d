"""What becomes of several rows of one series in one period: counts are summed, prices and temperatures averaged."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forecast_language import said
from local_aws.periods.frequency import step_of
from local_aws.periods.methods import METHODS
from local_aws.periods.observations import Observations

AVERAGED_WORDS = re.compile(
    "prices?|bid|ask|quote|close|closing|fx|index|levels?|rates?|ratios?|percent|percentage|pct|share|margin|yield"
    "|scores?|rating|avg|average|mean|median|temp|temperatures?|celsius|fahrenheit|degrees|humidity|pressure|voltage"
    "|density|concentration|occupancy|utili[sz]ation|speed|ph"
)
SUMMED_WORDS = re.compile(
    "sales?|sold|revenues?|turnover|amount|volume|units?|qty|quantity|quantities|counts?|orders|demand|shipments|trips"
    "|rides|visits|visitors|customers|passengers|calls|tickets|clicks"
)
AVERAGED_IN_KOREAN = re.compile(
    "가격|단가|시세|종가|시가|고가|저가|기온|온도|습도|기압|풍속|수위|농도|전압|지수|점수|평점|평균|비율|[율률]$"
)
SUMMED_IN_KOREAN = re.compile("매출|판매|수량|건수|주문|수요|방문|인원|승객|금액$")
SMALL_STEP = 0.02  # of the level: sales change by more from one row to the next, prices by less
NEGATIVE_SHARE = 0.05  # of measurements such as temperatures; returns are rarer among sales


@dataclass(frozen=True)
class Aggregation:
    """How rows of one period become one value, and how many `shared_rows` lie in a period with another row."""

    method: str  # one of METHODS
    is_guessed: bool
    shared_rows: int

    @property
    def is_average(self) -> bool:
        """Whether the target is a level: what is not observed of it is never 0."""
        return self.method == "mean"

    @property
    def transformations(self) -> dict[str, str]:
        """Amazon's transformation of the target, where it is not its default."""
        return {} if self.method == "sum" else {"aggregation": METHODS[self.method][0]}

    def sentences(self) -> Iterator[str]:
        """How many rows are made one with others, and how."""
        if self.shared_rows:
            yield said(
                "aggregated  {number} rows share a period with another row of their series and are {done}{override}",
                number=self.shared_rows,
                done=METHODS[self.method][1](),
                override=said("  (guessed; --aggregate overrides)") if self.is_guessed else "",
            )


def aggregation_of(rows: Observations, frequency: str, names: Sequence[str], wanted: str | None) -> Aggregation:
    """What was `wanted`, or else a guess from the `names` of the target's columns, and from its values."""
    shared = rows.one(
        f"""SELECT coalesce(sum(count), 0) FROM (
              SELECT count(*) AS count FROM observations WHERE is_known
              GROUP BY series, {step_of(frequency, "TIMESTAMP '1970-01-05'", "moment")} HAVING count(*) > 1)"""
    )
    return Aggregation(wanted or _guess(rows, names), wanted is None, int(shared))


def _guess(rows: Observations, names: Sequence[str]) -> str:
    meanings = [is_averaged_by_name(name) for name in names]
    if True in meanings and False not in meanings:
        return "mean"
    if False in meanings:
        return "sum"
    return "mean" if _is_averaged_by_values(rows) else "sum"


def is_averaged_by_name(name: str) -> bool | None:
    """Whether a column called so holds levels, which are averaged; None if its name does not tell.

    >>> [is_averaged_by_name(name) for name in ("unitPrice", "매출액", "value")]
    [True, False, None]
    """
    split = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).casefold()
    words = re.split(r"[\W\d_]+", split)
    if any(map(AVERAGED_WORDS.fullmatch, words)) or AVERAGED_IN_KOREAN.search(split):
        return True
    return False if any(map(SUMMED_WORDS.fullmatch, words)) or SUMMED_IN_KOREAN.search(split) else None


def _is_averaged_by_values(rows: Observations) -> bool:
    """Whether the values are shares of one, or fractions below zero now and then, or hardly change from row to row."""
    fractions, least, greatest, negative, step = rows.query(
        """SELECT avg(CAST(number != trunc(number) AS INTEGER)), min(number), max(number),
                  avg(CAST(number < 0 AS INTEGER)), median(abs(number - before) / abs(number)) FILTER (number != 0)
           FROM (SELECT number, lag(number) OVER (PARTITION BY series ORDER BY moment) AS before
                 FROM observations WHERE number IS NOT NULL)"""
    )[0]
    if not fractions or fractions < 0.5:  # counts, and amounts of money without their cents
        return False
    is_share, is_measured = least >= 0 and greatest <= 1, negative > NEGATIVE_SHARE
    return bool(is_share or is_measured or (least > 0 and step is not None and step < SMALL_STEP))
