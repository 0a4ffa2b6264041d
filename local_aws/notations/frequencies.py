"""How people, pandas and polars write a frequency, as Amazon Forecast calls it."""

import re

from forecast_contract.frequencies import is_frequency

BUSINESS_DAYS = "B"  # our word beside Amazon's frequencies: days, without those that never occur
_UNITS = {  # Amazon's unit -> what one of it is called; weeks begin on Mondays, so that they end on Sundays
    (1, "min"): "min mins minute minutes minutely t 분 분별",
    (1, "H"): "h hr hrs hour hours hourly 시간 시간별",
    (1, "D"): "d day days daily 일 일별 매일",
    (1, "W"): "w wk week weeks weekly w-sun w-mon 주 주별 주간 매주",
    (2, "W"): "biweekly fortnightly 격주",
    (1, "M"): "m me ms mo mon month months monthly 월 월별 월간 매월 개월",
    (3, "M"): "q qe qs quarter quarters quarterly q-dec qe-dec qs-jan 분기 분기별",
    (6, "M"): "half-yearly semiannual 반기 반기별",
    (1, "Y"): "y ye ys a as yr year years yearly annual annually y-dec ye-dec ys-jan a-dec as-jan 년 연 연간 연별 매년",
}
_OF_WORD = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_OF_BUSINESS_DAYS = ("b", "bday", "bdays", "business", "영업일")
_WRITTEN = re.compile(r"(\d{1,2})?\s*([^\W\d][\w-]*)")
MINUTES_OR_MONTHS = re.compile(r"\d+\s*m")


def frequency_named(text: str) -> str | None:
    """Amazon Forecast's name of a frequency, or B for business days; None for what is none, or could be two.

    >>> [frequency_named(text) for text in ("d", "daily", "Q", "MS", "1h", "15 min", "weekly", "Monthly", "분기")]
    ['D', 'D', '3M', 'M', 'H', '15min', 'W', 'M', '3M']
    >>> [frequency_named(text) for text in ("1Y", "bday", "15m", "60min", "often")]
    ['1Y', 'B', None, None, None]
    """
    if is_frequency(text):
        return text
    written = text.strip().casefold()
    if written in _OF_BUSINESS_DAYS:
        return BUSINESS_DAYS
    match = _WRITTEN.fullmatch(written)
    if match is None or match[2] not in _OF_WORD or MINUTES_OR_MONTHS.fullmatch(text.strip()):
        return None
    times, unit = _OF_WORD[match[2]]
    count = times * int(match[1] or 1)
    name = unit if count == 1 and unit != "min" else f"{count}{unit}"
    return name if is_frequency(name) else None
