"""What was probably meant by a word that is not among those that may stand there."""

from collections.abc import Iterable
from difflib import get_close_matches

from forecast_language import said

ALIKE = 0.6  # the share of letters that agree
MOST_NAMES = 1000  # to compare with: more take a while


def closest(word: str, names: Iterable[str]) -> str | None:
    """The name that is most like the word, whatever the case of its letters; None if none is.

    >>> closest("Horizn", ["horizon", "quantiles"]), closest("x", ["horizon"])
    ('horizon', None)
    """
    folded = {name.casefold(): name for name, _ in zip(names, range(MOST_NAMES), strict=False)}
    found = get_close_matches(word.casefold(), folded, 1, ALIKE)
    return folded[found[0]] if found else None


def meant(word: str, names: Iterable[str]) -> str:
    """The end of a sentence that says what was meant, empty if nothing is alike.

    >>> meant("slaes", ["sales", "price"]), meant("x", ["sales"])
    ('; did you mean sales?', '')
    """
    name = closest(word, names)
    return said("; did you mean {name}?", name=name) if name is not None else ""
