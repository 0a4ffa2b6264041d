"""Functions of Athena's engine (Trino, once Presto) that duckdb lacks, calls otherwise or understands otherwise.

They are macros of duckdb, one text for each. `prepare` makes them before a query. Two functions cannot be macros, since
strptime wants a pattern that is constant when the macro is made: `PARSERS`, whose calls are written anew.
"""

import re

import duckdb

# duckdb's own functions, where a macro of the same name hides them.
_OWN = "system.main."

# Patterns of date_format and date_parse (MySQL's) -> duckdb's; what is not named here is the same in both.
_MYSQL = {
    "%i": "%M", "%s": "%S", "%M": "%B", "%W": "%A", "%h": "%I", "%k": "%-H", "%l": "%-I", "%c": "%-m", "%e": "%-d",
    "%T": "%H:%M:%S", "%r": "%I:%M:%S %p", "%v": "%V", "%x": "%G", "%D": "%-d",
}  # fmt: skip
# Patterns of format_datetime and parse_datetime (Joda's) -> duckdb's.
_JODA = {
    "yyyy": "%Y", "yy": "%y", "y": "%Y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d",
    "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S", "SSS": "%g",
    "EEEE": "%A", "EEE": "%a", "EE": "%a", "E": "%a", "a": "%p", "ww": "%V", "xxxx": "%G", "''": "'",
}  # fmt: skip
_JODA_PIECES = "y+|M+|d+|H+|h+|m+|s+|S+|E+|a+|w+|x+|''|'[^']+'|[^a-zA-Z']+"
_WITHOUT_QUOTES = "trim(piece, chr(39))"
_UNITS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")


def _translated(patterns: dict[str, str], pieces: str, otherwise: str = "piece") -> str:
    """SQL that writes a `pattern` anew, piece by piece; a piece is what the regular expression finds."""
    cases = " ".join(f"WHEN '{_quoted(key)}' THEN '{_quoted(value)}'" for key, value in patterns.items())
    return (
        f"array_to_string(list_transform(regexp_extract_all(pattern, '{_quoted(pieces)}'),"
        f" lambda piece: CASE piece {cases} ELSE {otherwise} END), '')"
    )


def _quoted(text: str) -> str:
    return text.replace("'", "''")


_DATE_MACROS = (
    f"mysql_pattern(pattern) AS {_translated(_MYSQL, '%.|[^%]+')}",
    f"joda_pattern(pattern) AS {_translated(_JODA, _JODA_PIECES, _WITHOUT_QUOTES)}",
    "date_format(moment, pattern) AS strftime(moment, mysql_pattern(pattern))",
    "format_datetime(moment, pattern) AS strftime(moment, joda_pattern(pattern))",
    "date_add(unit, number, moment) AS moment + number * CASE lower(unit)"
    + "".join(f" WHEN '{unit}' THEN INTERVAL 1 {unit}" for unit in _UNITS)
    + " END",
    "date_diff(unit, first, last) AS date_sub(unit, CAST(first AS TIMESTAMP), CAST(last AS TIMESTAMP))",
    "from_unixtime(seconds) AS make_timestamp(CAST(round(CAST(seconds AS DOUBLE) * 1000000) AS BIGINT))",
    "to_unixtime(moment) AS epoch(moment)",
    "from_iso8601_timestamp(text) AS CAST(CAST(text AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP)",
    "from_iso8601_date(text) AS CAST(text AS DATE)",
    "to_iso8601(moment) AS strftime(moment, '%Y-%m-%dT%H:%M:%S.%gZ')",
    "last_day_of_month(moment) AS last_day(moment)",
    "day_of_week(moment) AS isodow(moment)",
    "dow(moment) AS isodow(moment)",
    "day_of_month(moment) AS day(moment)",
    "day_of_year(moment) AS dayofyear(moment)",
    "doy(moment) AS dayofyear(moment)",
    "week_of_year(moment) AS week(moment)",
    "year_of_week(moment) AS isoyear(moment)",
    "yow(moment) AS isoyear(moment)",
    "at_timezone(moment, zone) AS timezone(zone, moment)",
)
_TEXT_MACROS = (
    "regexp_like(text, pattern) AS regexp_matches(text, pattern)",
    f"regexp_extract(text, pattern) AS CASE WHEN regexp_matches(text, pattern) THEN {_OWN}regexp_extract(text, pattern)"
    f" END, (text, pattern, number) AS CASE WHEN regexp_matches(text, pattern)"
    f" THEN {_OWN}regexp_extract(text, pattern, number) END",
    f"regexp_replace(text, pattern) AS {_OWN}regexp_replace(text, pattern, '', 'g'), (text, pattern, replacement) AS"
    f" {_OWN}regexp_replace(text, pattern, {_OWN}regexp_replace(replacement, '\\$(\\d)', '\\\\\\1', 'g'), 'g')",
    "regexp_split(text, pattern) AS regexp_split_to_array(text, pattern)",
    "regexp_count(text, pattern) AS len(regexp_extract_all(text, pattern))",
    "levenshtein_distance(one, other) AS levenshtein(one, other)",
    "hamming_distance(one, other) AS hamming(one, other)",
    "to_utf8(text) AS encode(text)",
    "from_utf8(bytes) AS decode(bytes)",
    "to_hex(bytes) AS hex(bytes)",
    "from_hex(text) AS unhex(text)",
    "codepoint(text) AS unicode(text)",
    "json_extract_scalar(json, path) AS CASE WHEN json_type(json, path) NOT IN ('OBJECT', 'ARRAY')"
    " THEN json_extract_string(json, path) END",
    "json_parse(text) AS CAST(text AS JSON)",
    "json_format(json) AS CAST(json AS VARCHAR)",
    "json_size(json, path) AS coalesce(json_array_length(json, path), len(json_keys(json, path)), 0)",
    "json_array_get(json, number) AS json_extract(json, CAST(number AS BIGINT))",
)
_NUMBER_MACROS = (
    "approx_percentile(value, share) AS quantile_cont(value, share)",
    "approx_distinct(value) AS count(DISTINCT value), (value, error) AS count(DISTINCT value)",
    "every(condition) AS bool_and(condition)",
    "geometric_mean(value) AS exp(avg(ln(value)))",
    "truncate(number) AS trunc(number)",
    "is_nan(number) AS isnan(number)",
    "is_finite(number) AS isfinite(number)",
    "is_infinite(number) AS isinf(number)",
    "nan() AS CAST('nan' AS DOUBLE)",
    "infinity() AS CAST('inf' AS DOUBLE)",
    "e() AS exp(1)",
    "rand() AS random()",
    "bitwise_and(one, other) AS one & other",
    "bitwise_or(one, other) AS one | other",
    "bitwise_xor(one, other) AS xor(one, other)",
    "width_bucket(value, low, high, buckets) AS CASE WHEN value < low THEN 0 WHEN value >= high THEN buckets + 1"
    " ELSE CAST(floor((value - low) * buckets / (high - low)) AS BIGINT) + 1 END",
)
_COLLECTION_MACROS = (
    "sequence(first, last) AS generate_series(first, last), (first, last, step) AS generate_series(first, last, step)",
    "element_at(collection, key) AS collection[key]",
    "array_join(list, separator) AS array_to_string(list, separator), (list, separator, missing) AS array_to_string("
    "list_transform(list, lambda each: coalesce(CAST(each AS VARCHAR), missing)), separator)",
    "array_sort(list) AS list_sort(list)",
    "array_max(list) AS list_max(list)",
    "array_min(list) AS list_min(list)",
    "array_sum(list) AS list_sum(list)",
    "array_average(list) AS list_avg(list)",
    "array_except(one, other) AS list_distinct(list_filter(one, lambda each: NOT list_contains(other, each)))",
    "array_union(one, other) AS list_distinct(list_concat(one, other))",
    "array_remove(list, element) AS list_filter(list, lambda each: each IS DISTINCT FROM element)",
    "arrays_overlap(one, other) AS list_has_any(one, other)",
    "slice(list, first, size) AS list_slice(list, first, first + size - 1)",
    "map_agg(key, value) AS map(list(key), list(value))",
)
# Function that reads a text by a pattern -> the macro that translates the pattern.
PARSERS = {"date_parse": "mysql_pattern", "parse_datetime": "joda_pattern"}
MACROS = (*_DATE_MACROS, *_TEXT_MACROS, *_NUMBER_MACROS, *_COLLECTION_MACROS)
# Whole numbers divide to whole numbers, and Trino writes lambdas with an arrow. They count from the next statement on.
SETTINGS = ("integer_division = true", "TimeZone = 'UTC'", "lambda_syntax = 'ENABLE_SINGLE_ARROW'")


def prepare(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Make a connection ready for a query: the settings, the macros that it names, and those that they name."""
    words = set(re.findall(r"\w+", query.lower()))
    needed = []
    for macro in reversed(MACROS):
        if macro.partition("(")[0] in words:
            words |= set(re.findall(r"\w+", macro.lower()))
            needed.append(f"CREATE MACRO {macro};")
    connection.execute("".join(f"SET {setting};" for setting in SETTINGS))
    connection.execute(" ".join(reversed(needed)))
