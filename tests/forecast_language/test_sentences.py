"""A process speaks one language, and says its sentences in it."""

import gettext
import shutil
import subprocess
from pathlib import Path

import pytest

from forecast_language import catalogue as catalogues
from forecast_language import counted, language, language_of, said, speaking
from forecast_language.catalogue import twins_of

ENDED = "{file}: the archive holds no file of data"


def test_a_process_that_nobody_told_speaks_english() -> None:
    assert language() == "en"
    assert said(ENDED, file="a.zip") == "a.zip: the archive holds no file of data"


def test_a_process_speaks_another_language_for_a_while() -> None:
    with speaking("ko"):
        assert said(ENDED, file="a.zip") == "a.zip: 압축 파일에 데이터 파일이 없습니다"
    assert said(ENDED, file="a.zip") == "a.zip: the archive holds no file of data"


def test_a_sentence_without_a_twin_is_said_in_english() -> None:
    with speaking("ko"):
        assert said("no {thing} of ours", thing="sentence") == "no sentence of ours"
        assert counted("{number} thing of ours", "{number} things of ours", 1) == "1 thing of ours"


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR.eucKR"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""}, "ko"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"LANG": "kok_IN"}, "en"),
        ({"LANG": "en_US.UTF-8", "ALMANAC_LANGUAGE": "ko"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "ALMANAC_LANGUAGE": "en"}, "en"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_environment(environment: dict[str, str], wanted: str) -> None:
    assert language_of(environment) == wanted


def test_a_catalogue_is_read_with_its_comments_its_long_lines_and_its_escapes() -> None:
    text = (
        '#. where\nmsgid ""\n"a \\"b\\" "\n"{c}"\nmsgstr "{c} \\n나"\n\n# an empty twin is none\nmsgid "d"\nmsgstr ""\n'
    )
    assert twins_of(text) == {'a "b" {c}': "{c} \n나"}


def test_a_line_that_belongs_to_no_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match="found 'msgid bare'"):
        twins_of("msgid bare\n")


@pytest.mark.skipif(not shutil.which("msgfmt"), reason="needs msgfmt of GNU gettext")
@pytest.mark.parametrize("path", sorted(Path(catalogues.__file__).parent.glob("ko/*.po")), ids=lambda path: path.stem)
def test_gettext_reads_the_same_twins(path: Path, tmp_path: Path) -> None:
    subprocess.run(["msgfmt", "--check-header", "--check-domain", "-o", tmp_path / "ko.mo", path], check=True)
    with (tmp_path / "ko.mo").open("rb") as compiled:
        theirs = gettext.GNUTranslations(compiled)
    twins = twins_of(path.read_text())
    read = {english: (theirs.gettext(english), theirs.ngettext(english, english, 1)) for english in twins}
    plurals = [english for english, korean in twins.items() if korean not in read[english]]  # of no key of theirs
    assert {twins[english] for english in plurals} <= {korean for both in read.values() for korean in both}
