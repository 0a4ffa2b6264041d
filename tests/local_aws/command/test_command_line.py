"""What is typed behind `almanac`, as people know commands: its help, its notations, what a program reads of it."""

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from local_aws.command.cli import exit_statuses, first_steps, main, parser
from local_aws.command.parsing.parser import parsed
from local_aws.embedded import running
from local_aws.embedded.running import Announcement, outlives_command
from local_aws.periods.aggregation import METHODS
from tests.local_aws.small_files import lines, monthly

COMMANDS = parser().commands()
SALES = lines("month,product,sales,price", *(f"{row},2.5" for row in monthly()))


@pytest.fixture
def sales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two years of one item by month, in the folder that the command is called in."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "sales.csv"
    path.write_text(SALES)
    return path


def test_almanac_alone_shows_what_one_would_do_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    said = capsys.readouterr()
    first = [line.split("  ")[1] for line in said.out.partition("begin with:\n")[2].splitlines()[:3]]
    assert first == ["almanac forecast sales.csv --dry-run", "almanac forecast sales.csv --open", "almanac up"]
    assert exit_statuses() in said.out
    assert said.err == ""


def test_the_version_is_that_of_what_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"almanac {version('almanac-forecast')}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_has_examples_that_can_be_typed(command: str) -> None:
    of_command = COMMANDS[command]
    assert of_command.examples
    for typed, _ in (*of_command.examples, *first_steps()):
        words = shlex.split(typed.rpartition("| ")[2])
        assert words[0] == "almanac"
        assert parsed(parser(), words[1:]).command in COMMANDS
        assert typed in of_command.format_help() + parser().format_help()


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_terminal_of_80_columns(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = (COMMANDS[command] if command else parser()).format_help()
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


def test_help_loads_nothing_that_takes_a_moment() -> None:
    slow = "{'boto3', 'botocore', 'duckdb', 'pydantic', 'numpy'}"
    program = f"import sys; from local_aws.command.cli import parser; parser(); print({slow} & {{*sys.modules}})"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"
    )


@pytest.mark.parametrize(
    ("typed", "member", "meant"),
    [
        ("--frequency daily", "frequency", "D"),
        ("--frequency d", "frequency", "D"),
        ("--frequency Q", "frequency", "3M"),
        ("--frequency ms", "frequency", "M"),
        ("--frequency 1h", "frequency", "H"),
        ("--frequency 2Q", "frequency", "6M"),
        ("--frequency bday", "frequency", "B"),
        ("--frequency 월별", "frequency", "M"),
        ("--quantiles p10,P50,90%,mean", "quantiles", ("0.1", "0.5", "0.9", "mean")),
        ("--quantiles .05,0.50,Mean", "quantiles", ("0.05", "0.5", "mean")),
        ("--aggregate MEAN", "aggregate", "mean"),
        ("--date-order DMY", "date_order", "dmy"),
        ("--holidays gb", "holidays", "UK"),
        ("-o there", "out", Path("there")),
    ],
)
def test_notations_that_people_know_are_taken(typed: str, member: str, meant: object) -> None:
    assert getattr(parsed(parser(), ["FORECAST", "sales.csv", *typed.split()]), member) == meant


def test_a_choice_is_offered_for_each_way_to_put_rows_together() -> None:
    assert all(parsed(parser(), ["forecast", "a", "--aggregate", each]).aggregate == each for each in METHODS)


def test_a_dry_run_as_json_is_one_document_of_what_is_guessed(capsys: pytest.CaptureFixture[str], sales: Path) -> None:
    assert main(["forecast", "sales.csv", "--dry-run", "--json", "--quantiles", "p20,mean"]) == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert said.err == ""
    sentences = document.pop("Said")
    assert sentences[0] == "timestamp   month (yyyy-MM)"
    assert document == {
        "Timestamp": ["month"],
        "TimestampFormat": "yyyy-MM",
        "ItemId": "product",
        "Dimensions": [],
        "Target": "sales",
        "SeriesColumns": [],
        "LeftOut": {"price": "another number"},
        "DataFrequency": "M",
        "Frequency": "M",
        "History": 24,
        "Horizon": 6,
        "Quantiles": ["0.2", "mean"],
        "Holidays": None,
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("sales.csv --target slaes", "wanted a column of numbers (sales, price); did you mean sales?"),
        ("sales.csv --timestamp mnth", "wanted one of the columns month, product, sales, price; did you mean month?"),
    ],
)
def test_what_was_probably_meant_is_said(
    capsys: pytest.CaptureFixture[str], sales: Path, typed: str, said: str
) -> None:
    assert main(["forecast", *typed.split(), "--dry-run"]) == 1
    assert capsys.readouterr().err.strip().endswith(said)


def test_an_embedded_aws_that_was_up_before_outlives_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "announcements", lambda: [Announcement("http://127.0.0.1:1", "us-east-1", 1)])
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:2/")
    ports = {port for port in range(4) if outlives_command(f"http://127.0.0.1:{port}", None)}
    assert ports == {1, 2}
    assert outlives_command("http://127.0.0.1:3", "http://127.0.0.1:3")


def test_a_file_may_come_from_a_pipe_without_a_name(sales: Path) -> None:
    command = [sys.executable, "-m", "local_aws.command.cli", "forecast", "--dry-run"]
    with sales.open("rb") as file:
        run = subprocess.run(command, stdin=file, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[:2] == ["opened      standard input", "timestamp   month (yyyy-MM)"]


def test_nobody_who_reads_on_is_no_error(sales: Path) -> None:
    command = f"{shlex.quote(sys.executable)} -m local_aws.command.cli forecast sales.csv --dry-run; echo $? >&2"
    run = subprocess.run(
        ["bash", "-c", f"({command}) | true"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.fullmatch(r"(141|0)\n", run.stderr)


def completed(typed: str, folder: Path) -> list[str]:
    """What a shell is offered behind what is typed so far."""
    answer = folder / "answer"
    asking = {"_ARGCOMPLETE": "1", "COMP_LINE": typed, "COMP_POINT": str(len(typed)), "_ARGCOMPLETE_IFS": "\n"}
    environment = os.environ | asking | {"_ARGCOMPLETE_STDOUT_FILENAME": str(answer)}
    subprocess.run([sys.executable, "-m", "local_aws.command.cli"], env=environment, capture_output=True, check=True)
    return [word.strip() for word in answer.read_text().splitlines()]


def test_a_shell_completes_commands_options_and_choices(tmp_path: Path) -> None:
    assert completed("almanac da", tmp_path) == ["dashboard"]
    assert completed("almanac forecast sales.csv --missing ", tmp_path) == ["zero", "unknown"]


@pytest.mark.parametrize("shell", ["bash", "ZSH", "fish"])
def test_what_a_shell_needs_to_complete_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    assert "_ARGCOMPLETE" in said
    assert "almanac" in said
