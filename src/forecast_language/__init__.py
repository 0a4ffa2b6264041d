"""Sentences for people, in the language of the process: English is written in the code, the others stand in catalogues.

A sentence in English is the key of its twin in `ko/*.po`; the tests hold that no sentence lacks one (decision 0641).
"""

from forecast_language.language import LANGUAGES, VARIABLE, language, language_of, speaking
from forecast_language.sentences import counted, foreign, said
from forecast_language.widths import columns, padded, wrapped

__all__ = [
    "LANGUAGES",
    "VARIABLE",
    "columns",
    "counted",
    "foreign",
    "language",
    "language_of",
    "padded",
    "said",
    "speaking",
    "wrapped",
]
