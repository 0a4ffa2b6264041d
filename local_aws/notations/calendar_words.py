"""The words of calendars that people write into dates: months, days of the week, halves of a day, zones."""

import re

_MONTHS = (  # of January, of February, ...: English, German, French, Spanish; in full and short
    "january jan januar jän janvier janv enero ene",
    "february feb februar février févr fév fevrier fevr fev febrero",
    "march mar märz mär mrz maerz mars marzo",
    "april apr avril avr abril abr",
    "may mai mayo",
    "june jun juni juin junio",
    "july jul juli juillet juil julio",
    "august aug août aout agosto ago",
    "september sep sept septembre septiembre set",
    "october oct oktober okt octobre octubre",
    "november nov novembre noviembre",
    "december dec dezember dez décembre déc decembre diciembre dic",
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
WEEKDAY_WORD = f"{_any_of(_WEEKDAYS)}|[월화수목금토일](?:요일)?"
ZONE_WORD = _any_of(_ZONES)
BEFORE_NOON, AFTER_NOON = "오전|a\\.?m\\.?", "오후|p\\.?m\\.?"
