"""How people write numbers: what separates the thousands and the decimals, and what stands around the digits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from forecast_contract.sql import literal

POINT, COMMA = ".", ","
UNKNOWN = (
    *(
        "",
        "na",
        "n/a",
        "#n/a",
        "n.a.",
        "nan",
        "null",
        "none",
        "nil",
        "-",
        "--",
        "---",
        "\u2013",
        "\u2014",
        ".",
        "..",
        "...",
        "?",
    ),
    *("#div/0!", "#value!", "#ref!", "#num!", "#name?", "#null!", "\\n", "missing", "unknown", "결측", "없음", "미상"),
    *("(null)", "<na>", "n.d.", "k.a.", "tbd", "empty", "(blank)", "no data", "nodata", "*", "**", "x"),
    *("미정", "미집계", "해당없음", "해당 없음", "자료없음", "자료 없음", "데이터없음", "데이터 없음", "(비어 있음)"),
)
BLANK = r"\s\x{00A0}\x{2009}\x{202F}"
APOSTROPHES = r"'\x{2019}"
MINUS = r"[-\x{2212}\x{2013}\x{25B3}]"  # the triangle stands for a minus in Korean and Japanese accounts
CURRENCY = (
    r"US\$|R\$|A\$|C\$|\$|€|£|¥|₩|￦|₹|원|円|元|USD|EUR|GBP|JPY|CNY|KRW|CHF|INR|SEK|NOK|DKK|PLN|BRL|AUD|CAD|zł|kr"
)
MULTIPLES = {  # what is written behind a number of thousands and more; of k and M their case tells
    **{"k": 1e3, "K": 1e3, "M": 1e6, "Mio": 1e6, "Mio.": 1e6, "Mrd": 1e9, "Mrd.": 1e9, "bn": 1e9, "B": 1e9},
    **{"천": 1e3, "만": 1e4, "십만": 1e5, "백만": 1e6, "천만": 1e7, "억": 1e8, "조": 1e12},
}
MULTIPLE = f"(?-i:{'|'.join(re.escape(word) for word in sorted(MULTIPLES, key=len, reverse=True))})"
UNITS = (  # the longer ones first
    "units?|pieces|pcs|박스|리터|시간|kWh|MWh|GWh|kW|MW|Wh|kg|km|cm|mm|ml|ea|°C|℃|°F|톤|도|점|개|건|명|대|회|병|잔|권|벌|켤레|t|g|l"
)
GROUPED = 3  # digits


@dataclass(frozen=True)
class NumberNotation:
    """How the numbers of one column are written: which mark stands before the decimals.

    `is_guessed`: groups of three digits could be decimals too. `is_open`: nothing tells, so nothing is read.
    """

    decimal: str = POINT
    is_guessed: bool = False
    is_open: bool = False

    @property
    def grouping(self) -> str:
        """The mark that may stand between thousands, beside blanks and apostrophes."""
        return COMMA if self.decimal == POINT else POINT

    @cached_property
    def digits(self) -> str:
        """A pattern for the number alone."""
        group, decimal = re.escape(self.grouping), re.escape(self.decimal)
        between = f"[{group}{BLANK}{APOSTROPHES}_]"
        lakh = rf"\d{{1,2}}(?:{group}\d{{2}})+{group}\d{{3}}"
        whole = rf"(?:\d{{1,3}}(?:{between}\d{{3}})+|{lakh}|\d+)"
        return rf"(?:{whole}(?:{decimal}\d*)?|{decimal}\d+)(?:[eE][-+]?\d+)?"

    @cached_property
    def pattern(self) -> str:
        """A pattern for the number with its sign, its currency, unit or percent sign, and thousands in a word."""
        sign = rf"(?:{MINUS}|\+)?"
        inner = (
            rf"[{BLANK}]*'?{sign}[{BLANK}]*(?:{CURRENCY})?[{BLANK}]*{sign}[{BLANK}]*{self.digits}[{BLANK}]*"
            rf"(?:{MULTIPLE}[{BLANK}]*(?:{CURRENCY})?|%|{CURRENCY}|{UNITS})?[{BLANK}]*{MINUS}?[{BLANK}]*"
        )
        return rf"(?i)(?:{inner}|[{BLANK}]*(?:{CURRENCY})?\({inner}\)[{BLANK}]*)"

    @cached_property
    def _python_pattern(self) -> re.Pattern[str]:
        return re.compile(_in_python(self.pattern))

    def reads(self, text: str) -> bool:
        """Whether the text is a number in this notation."""
        return self._python_pattern.fullmatch(text) is not None

    def sql(self, column: str) -> str:
        """SQL for the text of the number as Amazon Forecast reads it, NULL where it is unknown.

        A text that is no number stays as it is.
        """
        words = ", ".join(literal(word) for word in UNKNOWN)
        digits = f"regexp_extract({column}, {literal(self.digits)}, 0)"
        between = literal(f"[{re.escape(self.grouping)}{BLANK}{APOSTROPHES}_]")
        bare = f"regexp_replace({digits}, {between}, '', 'g')"
        value = f"replace({bare}, ',', '.')"
        multiple = (
            f"regexp_extract({column}, {literal(rf'(?i)[0-9.][{BLANK}]*({MULTIPLE})(?:[{BLANK}]|{CURRENCY}|$|-)')}, 1)"
        )
        factor = " ".join(f"WHEN {literal(word)} THEN {by}" for word, by in MULTIPLES.items())
        many = f"CAST(round(CAST({value} AS DOUBLE) * CASE {multiple} {factor} END, 6) AS VARCHAR)"
        value = f"CASE WHEN {multiple} = '' THEN {value} ELSE {many} END"
        negative = literal(rf"(?i)^[^0-9]*(?:{MINUS}|\()|{MINUS}[{BLANK}]*\)?[{BLANK}]*$")
        plain = f"isfinite(try_cast({column} AS DOUBLE)) AND NOT contains({column}, '_')"
        if self.decimal == COMMA:
            plain = f"try_cast({column} AS BIGINT) IS NOT NULL AND regexp_full_match({column}, '[-+]?\\d+')"
        return (
            f"CASE WHEN {plain} THEN {column}"
            f" WHEN lower(trim(regexp_replace({column}, '[{BLANK}]+', ' ', 'g'))) IN ({words}) THEN NULL"
            f" WHEN regexp_full_match({column}, {literal(self.pattern)})"
            f" THEN CASE WHEN regexp_matches({column}, {negative}) THEN '-' ELSE '' END || {value}"
            f" ELSE {column} END"
        )


def _in_python(pattern: str) -> str:
    """The pattern with code points as Python writes them."""
    return re.sub(r"\\x\{([0-9A-F]{4})\}", r"\\u\1", pattern)


_CORE = re.compile(r"\d[\d.,]*\d|\d|[.,]\d+")
_SPACED = re.compile("(?<=\\d)[ \u00a0\u2009\u202f'\u2019_](?=\\d{3})")


@dataclass
class Evidence:
    """What the texts of a column tell of their marks: which stand before decimals, and which may stand there."""

    decimals: set[str]
    open: set[str]
    three_digits: bool = False  # a number below a thousand that has no mark, but as many digits as a group
    four_digits: bool = False  # thousands without a mark

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Evidence":
        """Look at every text that has one number in it."""
        evidence = cls(set(), set())
        for text in texts:
            spaced = _SPACED.sub("", text)
            found = _CORE.findall(spaced)
            if len(found) == 1:
                evidence._add(found[0], is_spaced=spaced != text)
        return evidence

    def _add(self, number: str, *, is_spaced: bool) -> None:
        marks = [mark for mark in number if mark in (POINT, COMMA)]
        if not marks:
            self.three_digits |= len(number) == GROUPED and not number.startswith("0")
            self.four_digits |= len(number) > GROUPED and not is_spaced
            return
        last, other = marks[-1], COMMA if marks[-1] == POINT else POINT
        head, *groups = re.split(r"[.,]", number)
        if len({*marks}) > 1:
            if marks.count(last) == 1:
                self.decimals.add(last)
        elif len(marks) > 1:
            if all(len(group) == GROUPED for group in groups):
                self.decimals.add(other)
        elif len(groups[0]) != GROUPED or not 0 < len(head) <= GROUPED or head.startswith("0") or is_spaced:
            self.decimals.add(last)
        else:
            self.open.add(last)


def notation_of(evidence: Evidence, delimiter: str, elsewhere: Iterable[Evidence]) -> NumberNotation:
    """The notation of a column of a file whose fields the delimiter separates.

    Where the column does not tell, the other columns do; then a comma between quoted fields is one of thousands.
    """
    if len(evidence.decimals) == 1:
        return NumberNotation(next(iter(evidence.decimals)))
    if not evidence.open or (evidence.open == {POINT} and delimiter == COMMA):
        return NumberNotation()
    others: set[str] = set().union(*(each.decimals for each in elsewhere))
    if len(others) == 1 and len(evidence.open) == 1:
        return NumberNotation(others.pop(), is_guessed=True)
    mark = next(iter(evidence.open))
    as_thousands = NumberNotation(COMMA if mark == POINT else POINT, is_guessed=True)
    if len(evidence.open) > 1 or evidence.four_digits:
        return NumberNotation(is_open=True)
    if evidence.three_digits or delimiter == COMMA:
        return as_thousands
    return NumberNotation(is_open=True)
