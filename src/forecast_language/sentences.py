"""A sentence in the language of the process."""

from forecast_language.catalogue import twin
from forecast_language.language import language


def said(template: str, /, **values: object) -> str:
    """The sentence of an English template, in the language of the process.

    The template is a literal with named placeholders, as `str.format` reads them. KeyError for a value that lacks.

    >>> said("{file}: line {line} is not UTF-8", file="sales.csv", line=3)
    'sales.csv: line 3 is not UTF-8'
    """
    return twin(template, language()).format(**values)


def foreign(text: str) -> str:
    """A text that Python or the system wrote in English, or a name that programs use: its twin, if `python.po` has one.

    >>> foreign("No such file or directory")
    'No such file or directory'
    """
    return twin(text, language())


def counted(one: str, several: str, number: int, /, **values: object) -> str:
    """The sentence of one of two templates: `one` for the number 1, `several` for all others, with `number` in it.

    A language without plurals, such as Korean, has one twin for both.

    >>> counted("{number} row", "{number} rows", 1), counted("{number} row", "{number:,} rows", 2000)
    ('1 row', '2,000 rows')
    """
    english = one if number == 1 else several
    return twin(english, language()).format(number=number, **values)
