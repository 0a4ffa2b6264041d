"""Moments written as a file writes them; the wanted texts are by hand."""

from datetime import datetime, timedelta

import pytest

from local_aws.upload.written_moments import NotWritten, forms_of

DAYS = [datetime(2024, 1, 1) + timedelta(days=k) for k in range(100)]
MONTHS = [datetime(2019 + k // 12, k % 12 + 1, 1) for k in range(40)]
QUARTERS = [datetime(2019 + k // 4, k % 4 * 3 + 1, 1) for k in range(20)]
HOURS = [datetime(2024, 1, 1) + timedelta(hours=k) for k in range(100)]
WEEKS = [datetime(2024, 1, 1) + timedelta(weeks=k) for k in range(40)]  # Mondays


def written(texts: list[str], moments: list[datetime], moment: datetime) -> str:
    return next(forms_of(list(zip(texts, moments, strict=True)))).text(moment)


@pytest.mark.parametrize(
    ("pattern", "moments", "moment", "text"),
    [
        ("%Y-%m-%d", DAYS, datetime(2024, 12, 9), "2024-12-09"),
        ("%d.%m.%Y", DAYS, datetime(2024, 12, 9), "09.12.2024"),
        ("%m/%d/%y", DAYS, datetime(2025, 1, 31), "01/31/25"),
        ("%Y년 %-m월 %-d일", DAYS, datetime(2024, 12, 9), "2024년 12월 9일"),
        ("%Y. %-m. %-d.", DAYS, datetime(2025, 1, 31), "2025. 1. 31."),
        ("%b %d, %Y", DAYS, datetime(2024, 12, 9), "Dec 09, 2024"),  # no December in the file
        ("%A, %-d-%B-%Y", DAYS, datetime(2024, 12, 9), "Monday, 9-December-2024"),
        ("%Y%m%d", DAYS, datetime(2024, 12, 9), "20241209"),
        ("%Y-%m-%d 00:00:00.000", DAYS, datetime(2024, 12, 9), "2024-12-09 00:00:00.000"),
        ("%Y-%m-%dT00:00:00Z", DAYS, datetime(2024, 12, 9), "2024-12-09T00:00:00Z"),
        ("%b-%y", MONTHS, datetime(2024, 12, 1), "Dec-24"),
        ("%Y%m", MONTHS, datetime(2024, 12, 1), "202412"),
        ("%G-W%V", WEEKS, datetime(2024, 12, 23), "2024-W52"),
        ("%m/%d/%Y %-I:%M %p", HOURS, datetime(2024, 1, 4, 15), "01/04/2024 3:00 PM"),
        ("%Y-%m-%dT%H:%M:%S.000000+09:00", HOURS, datetime(2024, 1, 4, 15), "2024-01-04T15:00:00.000000+09:00"),
    ],
)
def test_a_moment_is_written_as_the_file_writes_its_own(
    pattern: str, moments: list[datetime], moment: datetime, text: str
) -> None:
    assert written([each.strftime(pattern) for each in moments], moments, moment) == text


def test_quarters_and_days_of_excel_are_numbers_too() -> None:
    texts = [f"{each.year} Q{each.month // 3 + 1}" for each in QUARTERS]
    assert written(texts, QUARTERS, datetime(2024, 7, 1)) == "2024 Q3"
    assert written([str(45292 + k) for k in range(100)], DAYS, datetime(2024, 4, 10)) == "45392"


def test_words_of_another_language_are_those_of_the_file() -> None:
    words = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober"]
    words += ["November", "Dezember"]
    texts = [f"{words[each.month - 1]} {each.year}" for each in MONTHS]
    assert written(texts, MONTHS, datetime(2023, 3, 1)) == "März 2023"
    with pytest.raises(NotWritten):  # a file of five months does not say what December is called
        written(texts[:5], MONTHS[:5], datetime(2023, 12, 1))


def test_of_numbers_that_could_be_either_both_readings_are_forms() -> None:
    forms = [*forms_of([(f"{k:02}/{k:02}/2024", datetime(2024, k, k)) for k in range(1, 6)])]
    assert {form.text(datetime(2024, 6, 20)) for form in forms} == {"06/20/2024", "20/06/2024"}


def test_the_year_of_a_week_may_be_another_than_that_of_its_monday() -> None:
    forms = [*forms_of([(each.strftime("%G-W%V"), each) for each in WEEKS])]
    assert "2025-W01" in {form.text(datetime(2024, 12, 30)) for form in forms}


def test_a_text_that_does_not_follow_from_its_moment_has_no_form() -> None:
    assert not [*forms_of([("week 7, holiday 3", DAYS[0]), ("week 8, holiday 9", DAYS[1])])]
    assert not [*forms_of([])]
