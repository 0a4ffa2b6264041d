"""The catalogues of a language: files of gettext, read as they are, so that nothing is compiled and nothing stale."""

import json
import re
from functools import cache
from pathlib import Path

from forecast_language.language import ENGLISH

_FOLDER = Path(__file__).parent
_LINE = re.compile(r'(?:(msgid|msgid_plural|msgstr|msgstr\[0\]) )?(".*")')


def twin(template: str, language: str) -> str:
    """What stands for an English template in a language: the template itself where there is no twin."""
    return template if language == ENGLISH else catalogue(language).get(template, template)


@cache
def catalogue(language: str) -> dict[str, str]:
    """All twins of a language, by their English templates."""
    twins: dict[str, str] = {}
    for path in sorted((_FOLDER / language).glob("*.po")):
        twins |= twins_of(path.read_text(encoding="utf-8"))
    return twins


def twins_of(text: str) -> dict[str, str]:
    """The twins of one catalogue. ValueError for a line that is none of gettext's text form.

    >>> twins_of('msgid "{number} row"\\nmsgid_plural "{number} rows"\\nmsgstr[0] "{number}개 행"\\n')
    {'{number} row': '{number}개 행', '{number} rows': '{number}개 행'}
    """
    twins = {}
    for entry in re.split(r"\n\s*\n", text):
        fields: dict[str, str] = {}
        member = ""
        for line in filter(None, (line.strip() for line in entry.split("\n"))):
            if line.startswith("#"):
                continue
            match = _LINE.fullmatch(line)
            if match is None or not (member := match[1] or member):
                raise ValueError(f"found {line!r}, wanted a line of a catalogue of gettext")
            fields[member] = fields.get(member, "") + json.loads(match[2])  # its escapes are those of JSON
        known = fields.get("msgstr") or fields.get("msgstr[0]")
        keys = [fields.get("msgid"), fields.get("msgid_plural")]
        twins.update({key: known for key in keys if key and known})
    return twins
