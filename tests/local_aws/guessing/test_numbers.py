"""Numbers are read as people write them, and what could be another number is refused or announced."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest

from local_aws.guessing.interpretation import interpret
from local_aws.guessing.options import Options
from local_aws.guessing.table import DataError, Table
from tests.local_aws.small_files import lines


def file_of(numbers: Sequence[str], separator: str = ",", name: str = "sales") -> str:
    """A file with a day for each number, quoted."""
    rows = [f'{date(2023, 1, 2) + timedelta(days=day)}{separator}"{text}"' for day, text in enumerate(numbers)]
    return lines(f"date{separator}{name}", *rows)


def numbers_of(table: Table, options: Options | None = None) -> tuple[list[float | None], list[str]]:
    """The numbers of the target in the order of the lines, and what is said of them."""
    meaning = interpret(table, options or Options())
    number = meaning.table.number(f'"{meaning.roles.target}"')
    found = meaning.table.query(f"SELECT try_cast({number} AS DOUBLE) FROM data ORDER BY line")
    said = [sentence for sentence in meaning.sentences if sentence.startswith(("numbers", "unknown"))]
    return [value for (value,) in found], said


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["$1,234.50", "$9.00"], [1234.5, 9]),
        (["₩1,234,500", "₩900"], [1234500, 900]),
        (["1,234,500원", "900원"], [1234500, 900]),
        (["KRW 12,000", "KRW 900"], [12000, 900]),
        (["1.234,50 €", "9,00 €"], [1234.5, 9]),
        (["12.5%", "8 %"], [12.5, 8]),
        (["(30.63)", "12"], [-30.63, 12]),
        (["($1,030.63)", "$12"], [-1030.63, 12]),
        (["30.63-", "12"], [-30.63, 12]),
        (["\u221230.63", "+12"], [-30.63, 12]),
        (["1 469", "12"], [1469, 12]),
        (["1\u00a0469,5", "1\u202f012,25"], [1469.5, 1012.25]),
        (["1'469", "12'000.5"], [1469, 12000.5]),
        (["1\u2019469", "12"], [1469, 12]),
        (["12,34,567", "1,00,000"], [1234567, 100000]),  # lakhs
        (["1e3", "2.5E-1"], [1000, 0.25]),
        ([".5", "-.25"], [0.5, -0.25]),
    ],
)
def test_numbers_are_read_as_people_write_them(
    table: Callable[[str], Table], written: list[str], read: list[float]
) -> None:
    found, said = numbers_of(table(file_of(written * 5)))
    assert found == read * 5
    assert len(said) <= 1


@pytest.mark.parametrize(
    ("separator", "written", "read"),
    [
        (",", ["0,412", "0,590"], [0.412, 0.59]),  # no group of thousands begins with 0
        (",", ["1,5", "1,234"], [1.5, 1.234]),  # groups of mixed length
        (",", ["1469,37", "1824,21"], [1469.37, 1824.21]),
        (";", ["1.234,5", "1.234"], [1234.5, 1234]),
        (";", ["0.412", "1.234"], [0.412, 1.234]),
        (";", ["1.234.567", "1.234"], [1234567, 1234]),
        ("\t", ["1,234.5", "1,234"], [1234.5, 1234]),
        ("\t", ["0,5", "1,234"], [0.5, 1.234]),
        (",", ["1.234", "5.678"], [1.234, 5.678]),  # what a program writes
    ],
)
def test_the_marks_in_numbers_are_decided_by_the_evidence_of_the_column(
    table: Callable[[str], Table], separator: str, written: list[str], read: list[float]
) -> None:
    found, said = numbers_of(table(file_of(written * 5, separator)))
    assert found == read * 5
    assert not any("guessed" in sentence for sentence in said)


def test_quoted_groups_of_three_in_a_file_with_commas_are_thousands_and_that_is_said(
    table: Callable[[str], Table],
) -> None:
    text = file_of(["1,469", "1,824"] * 5)
    assert numbers_of(table(text)) == (
        [1469, 1824] * 5,
        ["numbers     sales: 1,469 is 1469  (guessed; --decimal comma overrides)"],
    )
    assert numbers_of(table(text), Options(decimal=","))[0] == [1.469, 1.824] * 5


def test_groups_beside_numbers_below_a_thousand_are_thousands_and_that_is_said(table: Callable[[str], Table]) -> None:
    assert numbers_of(table(file_of(["962", "1.212"] * 5, ";"))) == (
        [962, 1212] * 5,
        ["numbers     sales: 1.212 is 1212  (guessed; --decimal point overrides)"],
    )


@pytest.mark.parametrize(("separator", "text"), [(";", "1.234"), (";", "1,234"), ("\t", "1,234"), ("\t", "1.234")])
def test_what_can_be_thousands_or_decimals_is_refused_with_the_option(
    table: Callable[[str], Table], separator: str, text: str
) -> None:
    opened = table(file_of([text] * 9, separator))
    with pytest.raises(DataError) as refused:
        numbers_of(opened)
    assert f"line 2, column sales: found '{text}', which can be thousands or decimals" in str(refused.value)
    assert str(refused.value).endswith("say --decimal comma or --decimal point")
    assert numbers_of(opened, Options(decimal=text[1]))[0] == [1.234] * 9
    assert numbers_of(opened, Options(decimal="." if text[1] == "," else ","))[0] == [1234] * 9


def test_another_column_tells_what_the_marks_are(table: Callable[[str], Table]) -> None:
    rows = [f"{date(2023, 1, 2) + timedelta(days=day)};1.{234 + day};{day},5" for day in range(9)]
    found, said = numbers_of(table(lines("date;sales;price", *rows)))
    assert found == [1234 + day for day in range(9)]
    assert said == ["numbers     sales: 1.234 is 1234  (guessed; --decimal point overrides)"]


def test_evidence_far_down_in_the_column_counts(table: Callable[[str], Table]) -> None:
    found, _ = numbers_of(table(file_of([*["1,234"] * 1500, "0,5"])))
    assert (found[0], found[-1]) == (1.234, 0.5)


@pytest.mark.parametrize(
    "word",
    ["NA", "N/A", "#N/A", "NaN", "null", "None", "nil", "-", "--", ".", "?", " ", "#DIV/0!", "#VALUE!", r"\N",
     "missing", "결측", "없음"],
)  # fmt: skip
def test_the_usual_words_for_unknown_are_unknown_and_counted(table: Callable[[str], Table], word: str) -> None:
    found, said = numbers_of(table(file_of([*["7"] * 9, word, word])))
    assert found == [*[7] * 9, None, None]
    assert said == [f"unknown     2 values of sales ({word.strip() or 'blank'} 2)"]


def test_a_column_of_unknown_values_alone_is_refused(table: Callable[[str], Table]) -> None:
    with pytest.raises(DataError, match=r"found no value in column sales, wanted numbers$"):
        numbers_of(table(file_of(["NaN"] * 9)))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1.5q", "a number"),
        ("1억 2천만", "a number"),
        ("many", "a number"),
        ("1.2.3", "a number"),
        ("inf", "a number between -1e+100 and 1e+100"),
        ("1e300", "a number between -1e+100 and 1e+100"),
    ],
)
def test_what_is_no_number_or_too_large_is_told_with_its_line(
    table: Callable[[str], Table], text: str, wanted: str
) -> None:
    with pytest.raises(DataError) as refused:
        numbers_of(table(file_of([*["7"] * 20, text, "8"])))
    assert str(refused.value).endswith(f"line 22, column sales: found '{text}', wanted {wanted}")


@pytest.mark.parametrize(("one", "other"), [("5%", "0.5"), ("$5", "€5")])
def test_two_units_in_one_column_are_refused_with_two_lines(
    table: Callable[[str], Table], one: str, other: str
) -> None:
    with pytest.raises(DataError) as refused:
        numbers_of(table(file_of([*[one] * 9, other])))
    assert str(refused.value).endswith(
        f"line 11, column sales: found '{other}', wanted the same unit as in line 2 ('{one}')"
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.5k", 1500.0),
        ("2M", 2e6),
        ("3만", 30000.0),
        ("3만원", 30000.0),
        ("2,500천원", 2_500_000.0),
        ("1.2억", 1.2e8),
        ("1,200개", 1200.0),
        ("35.5 kWh", 35.5),
        ("5 kg", 5.0),
        ("5 MWh", 5.0),
        ("-3°C", -3.0),
        ("△1,200", -1200.0),
        ("'17", 17.0),
    ],
)
def test_words_for_thousands_and_units_are_read_and_said(
    table: Callable[[str], Table], text: str, number: float
) -> None:
    found, said = numbers_of(table(file_of([text, text])))
    assert found == [number, number]
    assert said[0].startswith(f"numbers     sales: {text} is ") or text == "'17"


def test_two_units_of_measure_are_refused(table: Callable[[str], Table]) -> None:
    with pytest.raises(
        DataError, match=r"line 3, column sales: found '2 t', wanted the same unit as in line 2 \('5 kg'\)"
    ):
        numbers_of(table(file_of(["5 kg", "2 t"])))


def test_where_no_column_holds_numbers_one_of_them_is_shown(table: Callable[[str], Table]) -> None:
    with pytest.raises(
        DataError, match="holds numbers to forecast; line 2, column sales: found 'high', wanted a number"
    ):
        numbers_of(table(file_of(["high", "low"])))
