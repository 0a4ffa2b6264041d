"""How wide a text is in a terminal: a letter of Hangul takes two columns."""

import unicodedata


def columns(text: str) -> int:
    """How many columns of a terminal a text takes.

    >>> columns("frequency"), columns("주기")
    (9, 4)
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text: str, width: int) -> str:
    """The text with blanks behind it up to `width` columns.

    >>> padded("주기", 6) + "D"
    '주기  D'
    """
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int) -> list[str]:
    """The words of a text in lines of at most `width` columns; a longer word has a line of its own.

    >>> wrapped("시계열마다 기간 하나", 16)
    ['시계열마다 기간', '하나']
    """
    lines: list[str] = []
    for word in text.split():
        if lines and columns(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
