"""The words of calendars that people write into dates: months, days of the week, halves of a day, zones."""

import re

_MONTHS = (  # of January, of February, ...: English, German, French, Spanish, Italian, Portuguese, Dutch
    "january jan januar jän janvier janv enero ene gennaio janeiro januari",
    "february feb februar février févr fév fevrier fevr fev febrero febbraio fevereiro februari",
    "march mar märz mär mrz maerz mars marzo março marco maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio maio mei",
    "june jun juni juin junio giugno giu junho",
    "july jul juli juillet juil julio luglio lug julho",
    "august aug août aout agosto ago augustus",
    "september sep sept septembre septiembre set settembre setembro",
    "october oct oktober okt octobre octubre ottobre ott outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro",
)
MONTH_NUMBERS = {word: number for number, words in enumerate(_MONTHS, start=1) for word in words.split()}
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tues tue weds wed thurs thur thu fri sat sun"
    " montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so"
    " lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim"
    " lunes martes miércoles miercoles jueves viernes sábado sabado domingo mié mie jue vie sáb sab dom"
)
_ZONES = (
    "UTC GMT KST JST EST EDT CST CDT MST MDT PST PDT CET CEST BST IST WET WEST EET EEST AEST AEDT NZST NZDT MSK SGT HKT"
)


def _any_of(words: str) -> str:
    """A pattern for one of the words, the longest first."""
    return "|".join(sorted(map(re.escape, words.split()), key=lambda word: (-len(word), word)))


MONTH_WORD = _any_of(" ".join(_MONTHS))
WEEKDAY_WORD = (
    f"{_any_of(_WEEKDAYS)}|[월화수목금토일](?:요일)?|[月火水木金土日](?:曜日?)?|(?:星期|周)[一二三四五六日天]"
)
ZONE_WORD = _any_of(_ZONES)
BEFORE_NOON, AFTER_NOON = "오전|a\\.?m\\.?", "오후|p\\.?m\\.?"
