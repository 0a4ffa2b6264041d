"""Which language a process speaks: its environment says it, or its user."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

LANGUAGES = ("en", "ko")
ENGLISH = LANGUAGES[0]
VARIABLE = "ALMANAC_LANGUAGE"  # a function's language: the stack's parameter Language
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is not empty decides, as for every POSIX program


class _Process:
    language = ENGLISH


def language() -> str:
    """The language of this process: `en` or `ko`."""
    return _Process.language


def language_of(environment: Mapping[str, str]) -> str:
    """The language that an environment asks for; English, where it asks for none that there is.

    >>> language_of({"LANG": "ko_KR.UTF-8"}), language_of({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}), language_of({})
    ('ko', 'en', 'en')
    """
    named = environment.get(VARIABLE) or next(filter(None, map(environment.get, _LOCALES)), "")
    short = named.split(".")[0].split("_")[0].lower()
    return short if short in LANGUAGES else ENGLISH


@contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """Have the process speak `wanted`, one of `LANGUAGES`, within the block: all of its threads do."""
    before, _Process.language = _Process.language, wanted
    try:
        yield
    finally:
        _Process.language = before


# A program with a user, such as `almanac`, asks for his locale itself; a function has no user, and no locale.
_Process.language = language_of({VARIABLE: os.environ.get(VARIABLE, ENGLISH)})
