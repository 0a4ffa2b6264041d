"""Every sentence for people has its Korean twin, with the same values in it, and no twin is left over."""

import ast
import re
import string
from collections import Counter

from forecast_language import columns
from forecast_language.catalogue import catalogue, twins_of
from tests.project.sentences import OURS, PROJECT, TEMPLATES, modules, name_of_call, said_calls, templates, unsaid

LABEL_WIDTH = 12  # of what stands before a sentence in a list, such as `opened      `
PARTICLE = re.compile(r"\}[\"'`]?(?:을|를|이|가|은|는|과|와|로|으로|이며|며|이고|고|이나|나|라는|이라는)(?![가-힣])")
# Rooms and modules in which nothing is said to people but by `said` and `counted`.
DONE = [
    "functions/notify",
    "functions/plan_preparation",
    "functions/start_pipeline",
    "local_aws/command",
    "local_aws/dashboard",
    "local_aws/embedded/glue/spark.py",
    "local_aws/embedded/keeping/data_folder.py",
    "local_aws/embedded/launcher.py",
    "local_aws/embedded/running.py",
    "local_aws/guessing",
    "local_aws/leftovers",
    "local_aws/machine.py",
    "local_aws/opening",
    "local_aws/operating",
    "local_aws/periods",
    "local_aws/upload",
    "src/almanac",
    "src/forecast_files",
    "src/forecast_pipeline/accuracy_lines.py",
    "src/forecast_pipeline/compared",
    "src/forecast_pipeline/cost",
    "src/forecast_pipeline/imports/imported_rows.py",
    "src/forecast_pipeline/latest_after_failure.py",
    "src/forecast_pipeline/mail_subject.py",
    "src/forecast_pipeline/notification.py",
    "src/forecast_pipeline/parameters",
    "src/forecast_pipeline/preparation/mail.py",
    "src/forecast_pipeline/publishing/measures/gate.py",
    "src/forecast_pipeline/publishing/measures/input_drift.py",
    "src/forecast_pipeline/publishing/outputs/earlier_runs.py",
    "src/forecast_pipeline/publishing/outputs/glue_tables.py",
    "src/forecast_pipeline/publishing/outputs/kept_run.py",
    "src/forecast_pipeline/runs/account.py",
    "src/forecast_pipeline/runs/came_true.py",
    "src/forecast_pipeline/runs/file_remarks.py",
    "src/forecast_pipeline/runs/heads.py",
    "src/forecast_pipeline/runs/new_run.py",
    "src/forecast_pipeline/runs/period_words.py",
    "src/forecast_pipeline/runs/prepared_data.py",
    "src/forecast_pipeline/runs/replacement_mark.py",
]
CATALOGUES = sorted(OURS.glob("ko/*.po"))
OF_PYTHON = "python.po"  # twins of what Python and the system say


def placeholders(template: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


def test_a_sentence_is_looked_up_by_a_literal() -> None:
    others = [
        place
        for path in modules()
        for place, call in said_calls(path)
        for argument in call.args[: TEMPLATES[name_of_call(call)]]
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str))
    ]
    assert others == []


def test_nothing_is_told_to_people_that_is_not_said() -> None:
    rooms = [PROJECT / room for room in DONE]
    assert [room for room in rooms if not room.exists()] == []
    paths = [path for path in modules() if any(room == path or room in path.parents for room in rooms)]
    assert [text for path in paths for text in unsaid(path)] == []


def test_every_sentence_has_a_korean_twin() -> None:
    lacking = {template: place for template, place in templates().items() if template not in catalogue("ko")}
    assert lacking == {}


def test_no_twin_is_left_over_or_there_twice() -> None:
    keys = [key for path in CATALOGUES if path.name != OF_PYTHON for key in twins_of(path.read_text())]
    assert [key for key, count in Counter(keys).items() if count > 1 or key not in templates()] == []


def test_a_twin_has_the_values_of_its_sentence() -> None:
    twins = {english: korean for english, korean in catalogue("ko").items() if english in templates()}
    other = {e: k for e, k in twins.items() if placeholders(e).keys() != placeholders(k).keys()}
    assert other == {}


def test_no_particle_that_depends_on_a_value_stands_behind_one() -> None:
    """Whether 을 or 를 follows depends on the last letter of the value: a noun of ours goes between them."""
    assert [korean for korean in catalogue("ko").values() if PARTICLE.search(korean)] == []


def test_what_stands_in_columns_stands_in_columns() -> None:
    twins = {english: korean for english, korean in catalogue("ko").items() if has_label(english)}
    assert [korean for korean in twins.values() if not beginning(korean).endswith(" ")] == []


def has_label(english: str) -> bool:
    return (
        re.match(r"[a-z]", english) is not None and "  " in english[:LABEL_WIDTH] and "{" not in english[:LABEL_WIDTH]
    )


def beginning(text: str) -> str:
    """The letters of the first columns; empty where a letter of two columns stands across their end."""
    ends = [columns(text[:end]) for end in range(len(text) + 1)]
    return text[: ends.index(LABEL_WIDTH)] if LABEL_WIDTH in ends else ""
