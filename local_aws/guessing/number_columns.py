"""Every number of a column is read, or the first that cannot be is told with its line."""

from collections import Counter
from collections.abc import Iterator

from forecast_contract.sql import identifier, literal
from forecast_files.file_format import LARGEST_NUMBER
from forecast_language import said
from local_aws.guessing.table import DataError, Table
from local_aws.notations.numbers import CURRENCY, UNITS, NumberNotation

SHOWN_WORDS = 5
OTHER = {".": "comma", ",": "point"}  # what overrides a guess


def require_numbers(table: Table, name: str) -> None:
    """DataError with the line of the first text that is no number, is too large, or can be read in two ways."""
    column = identifier(name)
    notation = table.notation_of(name)
    if notation.is_open:
        _refuse(table, name)
    wrong = table.query(
        f"""WITH texts AS MATERIALIZED (SELECT line, {column} AS found, {table.number(column)} AS text FROM data),
                 numbers AS (SELECT *, try_cast(text AS DOUBLE) AS number FROM texts WHERE trim(text) != '')
            SELECT line, found, number FROM numbers
            WHERE number IS NULL OR NOT abs(number) <= {LARGEST_NUMBER!r} ORDER BY line LIMIT 1"""
    )
    if wrong:
        line, found, number = wrong[0]
        wanted = said("a number")
        if number is not None:
            wanted = said("a number between -{most:g} and {most:g}", most=LARGEST_NUMBER)
        raise _misfit(table.place(line), name, found, wanted)
    if not table.query(f"SELECT count(*) FROM data WHERE isfinite(try_cast({table.number(column)} AS DOUBLE))")[0][0]:
        raise DataError(said("{file}: found no value in column {column}, wanted numbers", file=table.path, column=name))
    _require_one_unit(table, name)


def said_of_numbers(table: Table, name: str, *, is_said: bool) -> Iterator[str]:
    """How the numbers are read, and which texts count as unknown; `is_said`: the user said what the marks are."""
    notation, column = table.notation_of(name), identifier(name)
    example = next((text for text in table.sample[name] if notation.grouping in text or notation.decimal in text), None)
    unusual = next((text for text in table.sample[name] if _is_unusual(text, notation)), None)
    shown = example if notation.is_guessed else unusual
    if shown:
        read = table.query(f"SELECT {notation.sql('v')} FROM (SELECT {literal(shown)} AS v)")[0][0]
        if notation.is_guessed and not is_said:
            other = OTHER[notation.decimal]
            yield said(
                "numbers     {column}: {text} is {read}  (guessed; --decimal {other} overrides)",
                column=name,
                text=shown.strip(),
                read=read,
                other=other,
            )
        else:
            yield said("numbers     {column}: {text} is {read}", column=name, text=shown.strip(), read=read)
    words = table.query(
        f"SELECT trim({column}), count(*) FROM data WHERE {column} IS NOT NULL AND {table.number(column)} IS NULL"
        " GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    if words:
        counts = Counter({word or said("blank"): count for word, count in words})
        listed = ", ".join(f"{word} {count}" for word, count in counts.most_common(SHOWN_WORDS))
        yield said(
            "unknown     {number} values of {column} ({listed})",
            number=sum(counts.values()),
            column=name,
            listed=listed,
        )


def _is_unusual(text: str, notation: NumberNotation) -> bool:
    try:
        float(text)
    except ValueError:
        return notation.reads(text)
    return "_" in text


def _refuse(table: Table, name: str) -> None:
    column = identifier(name)
    line, found = table.query(
        f"SELECT line, {column} FROM data WHERE regexp_matches({column}, '\\d[.,]\\d') ORDER BY line LIMIT 1"
    )[0]
    raise DataError(
        said(
            "{place}, column {column}: found {found!r}, which can be thousands or decimals; say "
            "--decimal comma or --decimal point",
            place=table.place(line),
            column=name,
            found=found,
        )
    )


def _require_one_unit(table: Table, name: str) -> None:
    """DataError if some numbers are in percent or in another currency, and some are not."""
    column = identifier(name)
    if not any("%" in text or _unit_of(text) for text in table.sample[name]):
        return
    unit = f"upper(regexp_extract({column}, '(?i)%|{CURRENCY}|{UNITS}', 0))"
    number = f"try_cast({table.number(column)} AS DOUBLE)"
    units = table.query(
        f"SELECT {unit} AS unit, min(line), arg_min({column}, line) FROM data WHERE {number} != 0 GROUP BY 1 ORDER BY 2"
    )
    named = [each for each in units if each[0]]
    if len(named) > 1 or (named and named[0][0] == "%" and len(units) > 1):
        (_, first, one), (_, second, other) = units[:2]
        wanted = said("the same unit as in {place} ({one!r})", place=table.line(first), one=one)
        raise _misfit(table.place(second), name, other, wanted)


def _misfit(place: str, column: str, found: str, wanted: str) -> DataError:
    return DataError(
        said(
            "{place}, column {column}: found {found!r}, wanted {wanted}",
            place=place,
            column=column,
            found=found,
            wanted=wanted,
        )
    )


def _unit_of(text: str) -> bool:
    return any(not (letter.isascii() and (letter.isdigit() or letter in " .,-+'()")) for letter in text)
