"""How raw files may be encoded: by what people call it, and what Python and Java call it.

Java's CP949 is a code page of IBM's; what Korean software calls so is Java's x-windows-949, of which EUC-KR is a part.
"""

from typing import NamedTuple


class Encoding(NamedTuple):
    """One encoding's names."""

    python: str
    java: str


ENCODINGS = {
    "UTF-8": Encoding("utf-8-sig", "UTF-8"),
    "UTF-16": Encoding("utf-16", "UTF-16"),
    "EUC-KR": Encoding("euc_kr", "EUC-KR"),
    "CP949": Encoding("cp949", "x-windows-949"),
    "Shift_JIS": Encoding("cp932", "windows-31j"),
    "EUC-JP": Encoding("euc_jp", "EUC-JP"),
    "GB18030": Encoding("gb18030", "GB18030"),
    "Big5": Encoding("big5", "Big5"),
    "ISO-8859-1": Encoding("latin-1", "ISO-8859-1"),
    "ISO-8859-15": Encoding("iso8859-15", "ISO-8859-15"),
    "windows-1250": Encoding("cp1250", "windows-1250"),
    "windows-1251": Encoding("cp1251", "windows-1251"),
    "windows-1252": Encoding("cp1252", "windows-1252"),
}
_OTHER_NAMES = {
    "UTF8": "UTF-8",
    "UTF16": "UTF-16",
    "UTF-8-SIG": "UTF-8",
    "EUCKR": "EUC-KR",
    "EUC_KR": "EUC-KR",
    "KS_C_5601-1987": "CP949",
    "MS949": "CP949",
    "UHC": "CP949",
    "SJIS": "Shift_JIS",
    "CP932": "Shift_JIS",
    "GBK": "GB18030",
    "GB2312": "GB18030",
    "LATIN-1": "ISO-8859-1",
    "LATIN1": "ISO-8859-1",
    "CP1250": "windows-1250",
    "CP1251": "windows-1251",
    "CP1252": "windows-1252",
}
_BY_NAME = {
    **{name.upper(): each for name, each in ENCODINGS.items()},
    **{a: ENCODINGS[b] for a, b in _OTHER_NAMES.items()},
}


def is_encoding(name: str) -> bool:
    """Whether a name is one of an encoding that is read here.

    >>> is_encoding("euc-kr"), is_encoding("EUC-KO")
    (True, False)
    """
    return name.upper() in _BY_NAME


def encoding_of(name: str) -> Encoding:
    """The encoding of a name; KeyError where there is none."""
    return _BY_NAME[name.upper()]
