"""What the name of a column says of its contents, in the languages that people name columns in."""

import re
from collections.abc import Sequence

TIME_NAMES = (
    *("timestamp", "datetime", "date", "time", "ds", "day", "week", "month", "quarter", "year", "period", "start"),
    *(
        "일시",
        "날짜",
        "일자",
        "시각",
        "시간",
        "년월일",
        "년월",
        "연월",
        "기간",
        "주차",
        "주",
        "분기",
        "월",
        "연도",
        "년도",
        "년",
        "일",
    ),
    *("datum", "zeitstempel", "zeit", "tag", "woche", "monat", "jahr", "fecha", "semana", "mes", "año", "jour", "mois"),
    *("日付", "日時", "日期", "时间", "年月", "ts", "unix_time"),
    *("dt", "yyyymmdd", "yyyymm", "yearmonth", "year_month", "yearweek", "year_week", "epoch", "unixtime"),
)
TARGET_NAMES = (
    *("target_value", "target", "demand", "value", "y", "sales", "quantity", "qty", "units", "amount", "count"),
    *("revenue", "turnover", "volume", "consumption", "load", "orders", "visitors", "visits", "traffic", "usage"),
    *("수요", "판매량", "판매", "매출액", "매출", "수량", "금액", "주문", "사용량", "방문", "거래량", "값"),
    *("売上", "数量", "销量", "销售", "vendite", "vendas", "verkoop", "omzet"),
    *("umsatz", "menge", "absatz", "ventas", "cantidad", "ventes", "quantité"),
)
ITEM_NAMES = (
    *("item_id", "item", "sku", "product_id", "product", "series_id", "series", "unique_id", "id", "name"),
    *(
        "품목코드",
        "품목",
        "상품코드",
        "상품명",
        "상품",
        "제품코드",
        "제품명",
        "제품",
        "품번",
        "품명",
        "artikel",
        "producto",
    ),
)
OTHER_THINGS = (  # names of things beside items
    *("key", "code", "nr", "nbr", "no", "number", "store", "shop", "branch", "site", "warehouse", "dept", "department"),
    *("region", "customer", "client", "sensor", "meter", "station", "zone", "line", "route", "category", "family"),
    *(
        "brand",
        "매장",
        "지점",
        "점포",
        "코드",
        "번호",
        "지역",
        "창고",
        "고객",
        "거래처",
        "부서",
        "분류",
        "카테고리",
        "브랜드",
    ),
)
BESIDE_A_TARGET = (  # of a column that holds what a target's word is said of: sales price, order id, holiday count
    *(
        "price",
        "cost",
        "rate",
        "discount",
        "tax",
        "temperature",
        "temp",
        "promo",
        "promotion",
        "holiday",
        "lag",
        "open",
    ),
    *("가격", "단가", "원가", "할인", "여부", "기온", "온도", "세금"),
)
CALENDAR_NAMES = (
    *("weekday", "day_of_week", "dayofweek", "dow", "day_of_year", "week_of_year", "hour", "minute", "second"),
    *("weekend", "is_weekend", "isweekend", "holiday", "is_holiday", "isholiday", "season", "요일", "휴일", "공휴일"),
)
PARTS = {  # of a timestamp that stands in several columns
    "year": ("year", "yr", "yyyy", "jahr", "año", "ano", "annee", "année", "연도", "년도", "년", "연"),
    "quarter": ("quarter", "qtr", "q", "quartal", "trimestre", "분기"),
    "month": ("month", "mon", "mo", "mm", "monat", "mes", "mois", "월"),
    "week": ("week", "wk", "kw", "isoweek", "iso_week", "woche", "semana", "semaine", "주차", "주"),
    "day": ("day", "dd", "dayofmonth", "day_of_month", "tag", "dia", "día", "jour", "일"),
    "hour": ("hour", "hr", "hh", "he", "hour_ending", "stunde", "hora", "heure", "시", "시간", "시각"),
    "minute": ("minute", "min", "mi", "분"),
    "time": ("time", "clock", "uhrzeit", "zeit", "hora", "heure", "시간", "시각", "hour"),
}
SHORT_KOREAN = 1  # a word of one letter counts only as the whole name, or behind what happens at a time: 기준일
HAPPENS = re.compile(
    "(?:기준|판매|주문|거래|매출|조회|측정|관측|입고|출고|등록|발생|결제|집계|영업|작업|생산|이용|방문|접수|배송)(?P<time>[일월주년시])"
)


def base(name: str) -> str:
    """The name in small letters, with one underscore for whatever is neither letter nor digit.

    >>> base(" Order Date ")
    'order_date'
    """
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def words(name: str) -> set[str]:
    """The words of the name, also of one in camel case.

    >>> sorted(words("saleDate_2"))
    ['2', 'date', 'sale']
    """
    return set(base(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).split("_"))


def says(name: str, candidates: Sequence[str]) -> bool:
    """Whether the name is one of the candidates, or holds one as a word.

    >>> says("Weekly_Sales", ("sales",)), says("일매출액", ("매출",)), says("salesman", ("sales",))
    (True, True, False)
    """
    own = words(name)
    return base(name) in candidates or any(
        word in own or (not word.isascii() and _korean_says(base(name), word)) for word in candidates
    )


def _korean_says(name: str, word: str) -> bool:
    """Korean writes words together: 주문수량. A word of one letter could be the end of any other but of a time."""
    if len(word) > SHORT_KOREAN:
        return word in name
    match = HAPPENS.fullmatch(name)
    return word == (match["time"] if match else name)


def named(candidates: Sequence[str], names: Sequence[str]) -> str | None:
    """The first column whose name is one of the candidates, in the order of the candidates."""
    by_name = {base(name): name for name in reversed(names)}
    return next((by_name[name] for name in candidates if name in by_name), None)


def names_a_thing(name: str) -> bool:
    """Whether a column called so holds names, though numbers may stand for them."""
    *_, last = base(name).split("_")
    korean = tuple(word for word in (*OTHER_THINGS, *ITEM_NAMES) if not word.isascii())
    return last in ("id", "item", "product", "sku", *OTHER_THINGS) or last.removesuffix("명").endswith(korean)
