"""What the command says and returns; that it forecasts is shown on a small file at the end."""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.command import running_pipeline
from local_aws.command.cli import main
from local_aws.command.pipeline_run import Pipeline
from local_aws.embedded import running
from local_aws.embedded.glue.spark import SparkMissingError
from local_aws.embedded.running import LENIENT, Strictness
from tests.local_aws.processes import descendants, gone

Up = tuple[subprocess.Popen[str], dict[str, str]]  # the process, and the variables that it prints


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """A file of its own for each test: three years of one item by month."""
    path = tmp_path / "sales.csv"
    rows = (f"{2018 + month // 12}-{month % 12 + 1:02},a,{100 + month % 12}" for month in range(36))
    path.write_text("month,product,sales\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture(autouse=True)
def no_other_almanac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever runs on this machine is not found by these tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["forecast"], "almanac forecast: which FILE is to be forecast? - is standard input"),
        (["forcast", "a.csv"], "almanac: there is no command 'forcast'; did you mean forecast?"),
        (["sales.csv"], "there is no command 'sales.csv'; did you mean almanac forecast sales.csv?"),
        (
            ["forecast", "a.csv", "--horizn", "3"],
            "almanac forecast: there is no option --horizn; did you mean --horizon",
        ),
        (["up", "--iam", "--gleu"], "usage: almanac up [options] [-- PROGRAM ...]\n"),
        (["forecast", "a.csv", "--missing", "zeros"], "'zeros' is none of zero, unknown; did you mean zero?"),
        (["forecast", "a.csv", "--frequency", "15m"], "'15m' can be minutes or months; wanted 15min or 15M"),
        (["forecast", "a.csv", "--frequency", "60min"], "'60min' is no frequency"),
        (["forecast", "a.csv", "--frequency", "H2"], "'H2' is no frequency"),
        (["forecast", "a.csv", "--frequency", "2Y"], "'2Y' is no frequency; wanted 1min to 59min, H to 23H, D to 6D, "),
        (["forecast", "a.csv", "--holidays", "XX"], "'XX' is no country here; wanted one of AE, AL, AR, "),
        (["forecast", "a.csv", "--horizon", "0"], "'0' is not a whole number above 0"),
        (["forecast", "a.csv", "--quantiles", "0.1,1.5"], "'1.5' is no quantile"),
        (["forecast", "a.csv", "--quantiles", "0"], "'0' is no quantile"),
        (["forecast", "a.csv", "--quantiles", "0.1,0.2,0.3,0.4,0.5,0.6"], "6 quantiles, wanted at most 5"),
        (["forecast", "a.csv", "--quantiles", "0.5,p50"], "quantile 0.5 is there twice"),
        (["up", "--port", "70000"], "'70000' is no port"),
        (["up", "--region", "seoul"], "'seoul' is no region of AWS; wanted one such as ap-northeast-2"),
    ],
)
def test_a_wrong_usage_is_said_and_returns_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def one_sentence(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    """Run a command that must fail; gives the last line of standard error."""
    assert main(arguments) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "Traceback" not in output.err
    return output.err.splitlines()[-1]


def test_a_file_that_is_not_there_is_one_sentence_and_returns_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert one_sentence(capsys, ["forecast", "gone.csv"]) == "almanac: gone.csv: no such file or directory"


def test_a_file_that_is_not_there_may_be_one_that_is(capsys: pytest.CaptureFixture[str], sales: Path) -> None:
    said = one_sentence(capsys, ["forecast", "slaes.csv"])
    assert said == "almanac: slaes.csv: no such file or directory; did you mean sales.csv?"
    said = one_sentence(capsys, ["forecast", "sales.csv", "--params", "sale.csv"])
    assert said == "almanac: sale.csv: no such file or directory; did you mean sales.csv?"


def test_a_dry_run_says_what_is_guessed_and_stops(capsys: pytest.CaptureFixture[str], sales: Path) -> None:
    assert main(["forecast", str(sales), "--dry-run", "--horizon", "3"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.splitlines()[:4] == [
        "timestamp   month (yyyy-MM)",
        "item_id     product",
        "target      sales",
        "frequency   M  (guessed; --frequency overrides)",
    ]
    assert not Path("forecast").exists()


def test_a_dry_run_loads_nothing_of_aws(sales: Path) -> None:
    program = (
        "import sys; from local_aws.command.cli import main; main(sys.argv[1:]);"
        " print({'boto3', 'botocore', 'pydantic', 'numpy'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", program, "forecast", str(sales), "--dry-run"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1] == "set()"


def test_every_frequency_that_params_json_may_have_is_taken_here_too(
    capsys: pytest.CaptureFixture[str], sales: Path
) -> None:
    said = one_sentence(capsys, ["forecast", str(sales), "--frequency", "1Y"])
    assert said == f"almanac: {sales}: 3 steps of frequency 1Y, wanted at least 4"


def test_params_say_which_country_has_holidays(capsys: pytest.CaptureFixture[str], sales: Path) -> None:
    said = one_sentence(capsys, ["forecast", str(sales), "--params", "mine.json", "--holidays", "kr"])
    assert said == "almanac: --holidays and --params exclude each other: mine.json says it"


def test_an_endpoint_where_nothing_answers_is_one_sentence(capsys: pytest.CaptureFixture[str], sales: Path) -> None:
    said = one_sentence(capsys, ["forecast", str(sales), "--endpoint", "http://127.0.0.1:9"])
    where = "no stack of Almanac answers at http://127.0.0.1:9"
    assert said == f"almanac: {where}, which --endpoint names; `almanac up` starts one"


def test_an_interruption_in_the_middle_of_a_query_is_one_like_any_other(
    capsys: pytest.CaptureFixture[str], sales: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise RuntimeError("Query interrupted")  # what duckdb makes of Ctrl-C

    monkeypatch.setattr("local_aws.upload.upload.upload_from_guesses", interrupted)
    assert main(["forecast", str(sales)]) == 130
    assert capsys.readouterr() == ("", "almanac: interrupted before a run had begun\n")
    assert not Path("forecast").exists()


def test_params_of_the_users_own_leave_nothing_to_say_beside_them(
    capsys: pytest.CaptureFixture[str], sales: Path
) -> None:
    said = one_sentence(capsys, ["forecast", str(sales), "--params", "mine.json", "--horizon", "3"])
    assert said == "almanac: --horizon and --params exclude each other: mine.json says it"


def test_up_with_glue_does_not_start_without_spark(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> Path:
        raise SparkMissingError("Spark is not installed here; `make glue` installs it (400 MB)")

    monkeypatch.setattr("local_aws.embedded.glue.spark.installed_spark", missing)
    said = one_sentence(capsys, ["up", "--glue"])
    assert said == "almanac: Spark is not installed here; `make glue` installs it (400 MB)"


def test_what_up_is_to_refuse_is_refused_beside_a_program_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(running_pipeline, "keep_up", lambda _port, strictness, *_: asked.append(strictness))
    monkeypatch.setattr(running_pipeline, "run_beside", lambda program, strictness, _progress: asked.append(strictness))
    assert main(["up", "--iam", "--port", "4566"]) == 0
    main(["up", "--iam", "--concurrency", "10", "--", "true"])
    main(["up", "--", "true"])
    assert asked == [Strictness(iam=True), Strictness(iam=True, slots=10), LENIENT]


def test_the_concurrency_of_an_aws_that_is_up_is_not_for_a_forecast_to_say(
    capsys: pytest.CaptureFixture[str], sales: Path
) -> None:
    said = one_sentence(capsys, ["forecast", str(sales), "--concurrency", "4", "--endpoint", "http://127.0.0.1:9"])
    assert said == (
        "almanac: --concurrency and --endpoint exclude each other: `almanac up` decided it for http://127.0.0.1:9"
    )


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """`almanac up` in a process of its own, and the variables it prints for a shell."""
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache"), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "local_aws.command.cli", "up"]
    with (tmp_path / "told").open("w") as told:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told, env=environment, text=True)
    assert process.stdout is not None
    variables = {}
    for line in process.stdout:
        name, _, value = line.removeprefix("export ").strip().partition("=")
        variables[name] = value
        if name == "FORECAST_ROLE_ARN":
            break
    yield process, variables
    process.stdout.close()
    process.kill()
    process.wait()


def forecasts_go_to_the_embedded_aws(capsys: pytest.CaptureFixture[str], sales: Path, endpoint: str) -> None:
    assert main(["forecast", str(sales), "--horizon", "3", "--quantiles", "0.2,0.5,mean"]) == 0
    first = capsys.readouterr()
    assert "timestamp   month (yyyy-MM)" in first.err
    assert f"uses the embedded AWS at {endpoint}" in first.err
    steps = re.findall(r"^ +[\d.]+ s  ([A-Z]\w+) +[\d.]+ s", first.err, re.MULTILINE)
    assert steps[:2] == ["CreateDataset", "ImportData"]
    assert steps[-1] == "Notify"
    assert "seasonal naive" in first.out
    assert "1 series, 3 steps from 2021-01-01 to 2021-03-01" in first.out
    published = Path("forecast")
    assert sorted(file.name for file in published.iterdir()) == [
        "accuracy.json",
        "forecast.csv",
        "forecast_long.csv",
        "item_accuracy.csv",
        "item_models.csv",
        "report.html",
    ]
    header, *rows = published.joinpath("forecast.csv").read_text().splitlines()
    assert header.split(",")[:2] == ["month", "product"]  # the user's columns, and the user's notation
    assert set(header.split(",")[2:]) == {"p20", "p50", "mean"}
    assert [row.split(",")[:2] for row in rows] == [["2021-01", "a"], ["2021-02", "a"], ["2021-03", "a"]]


def a_file_of_the_same_name_with_other_columns_is_another_dataset(
    capsys: pytest.CaptureFixture[str], sales: Path
) -> Path:
    by_store = sales.read_text().replace(",sales", ",store,sales").replace(",a,", ",a,north,")
    by_store_and_its_twin = by_store + by_store.partition("\n")[2].replace("north", "south")
    other = sales.parent / "other" / "sales.csv"
    other.parent.mkdir()
    other.write_text(by_store_and_its_twin)
    assert main(["forecast", str(other), "--horizon", "3", "--out", "other/forecast", "--json"]) == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert said.err == ""
    assert (document["IsNew"], document["Forecast"]["ItemCount"], document["Forecast"]["Horizon"]) == (True, 2, 3)
    assert document["Files"]["forecast.csv"] == "other/forecast/forecast.csv"
    assert document["Guessed"]["Dimensions"] == ["store"]
    return other


def the_same_again_is_answered_from_what_is_there(capsys: pytest.CaptureFixture[str], other: Path) -> None:
    assert main(["forecast", str(other), "--horizon", "3", "--out", "again"]) == 0
    said = capsys.readouterr().err
    assert re.search(
        r"this is forecast already: run \S+ was over the same content, .* \(--fresh forecasts it anew\)", said
    )
    assert "TrainPredictor" not in said
    assert Path("again/accuracy.json").read_text() == Path("other/forecast/accuracy.json").read_text()


def a_broken_file_is_told_with_its_line_and_leaves_what_is_published(
    capsys: pytest.CaptureFixture[str], sales: Path
) -> None:
    sales.write_text(sales.read_text().replace(",a,101", ",a,a lot", 1))
    assert main(["forecast", str(sales)]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert f"{sales}: line 3, column sales: found 'a lot'" in said
    assert json.loads(Path("forecast/accuracy.json").read_text())["ItemCount"] == 1


def a_program_runs_on_it_and_its_exit_status_is_the_commands(variables: dict[str, str]) -> None:
    code = "import os, sys; print(os.environ['AWS_ENDPOINT_URL'], os.environ['FORECAST_BUCKET']); sys.exit(7)"
    command = [sys.executable, "-m", "local_aws.command.cli", "up", "--", sys.executable, "-c", code]
    run = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.split()) == (7, [variables["AWS_ENDPOINT_URL"], variables["FORECAST_BUCKET"]])


def ctrl_c_leaves_the_run_and_the_folder_alone(
    capsys: pytest.CaptureFixture[str], sales: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    sales.write_text(sales.read_text().replace(",a lot", ",102"))
    before = {file.name: file.read_bytes() for file in Path("forecast").iterdir()}
    monkeypatch.setattr(Pipeline, "follow", interrupted)
    assert main(["forecast", str(sales), "--quiet"]) == 130
    said = capsys.readouterr()
    goes_on = rf"run \S+ goes on, and almanac runs --endpoint {endpoint} says what becomes of it"
    assert re.fullmatch(rf"almanac: interrupted; {goes_on}\n", said.err)
    assert said.out == ""
    assert {file.name: file.read_bytes() for file in Path("forecast").iterdir()} == before


def runs_and_mails_are_told(file: Path) -> None:
    end = time.monotonic() + 30
    while len(re.findall("run .* after", file.read_text())) + file.read_text().count("mail: ") < 4:
        assert time.monotonic() < end, file.read_text()
        time.sleep(0.2)
    told = file.read_text()
    assert "Ctrl-C ends it, and all that is in it is forgotten" in told
    runs = re.findall(r"run (\S+) started", told)
    assert len(runs) == 2  # the broken file is refused before there is one
    assert all(re.search(rf"run {run} succeeded after \d+ s", told) for run in runs)
    mails = re.findall(r"mail: (.+)  \((.+)\)", told)
    assert [Path(mail).read_text().splitlines()[0] for _, mail in mails] == [subject for subject, _ in mails]


def test_up_prints_what_a_shell_needs_and_forecasts_use_it_until_it_is_stopped(
    up: Up, capsys: pytest.CaptureFixture[str], sales: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, variables = up
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", variables["AWS_ENDPOINT_URL"])
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "FORECAST_BUCKET"} <= set(variables)
    (announced,) = running.announcements()
    assert (announced.endpoint, announced.region) == (variables["AWS_ENDPOINT_URL"], variables["AWS_REGION"])

    forecasts_go_to_the_embedded_aws(capsys, sales, variables["AWS_ENDPOINT_URL"])
    other = a_file_of_the_same_name_with_other_columns_is_another_dataset(capsys, sales)
    the_same_again_is_answered_from_what_is_there(capsys, other)
    a_broken_file_is_told_with_its_line_and_leaves_what_is_published(capsys, sales)
    a_program_runs_on_it_and_its_exit_status_is_the_commands(variables)
    runs_and_mails_are_told(Path("told"))
    ctrl_c_leaves_the_run_and_the_folder_alone(capsys, sales, variables["AWS_ENDPOINT_URL"], monkeypatch)

    started = descendants(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 130
    assert gone(started)
    assert not announced.file.exists()


def test_a_file_where_a_directory_is_wanted_is_told_before_the_run(
    capsys: pytest.CaptureFixture[str], sales: Path
) -> None:
    Path("taken").write_text("a file, where a directory is wanted")
    for out in ("taken", "taken/forecast"):
        said = one_sentence(capsys, ["forecast", str(sales), "--out", out, "--endpoint", "http://127.0.0.1:9"])
        assert said == f"almanac: --out {out}: found a file, wanted a directory"


def test_two_forecasts_at_one_time_do_not_mix_their_files(
    up: Up, capsys: pytest.CaptureFixture[str], sales: Path
) -> None:
    endpoint = up[1]["AWS_ENDPOINT_URL"]
    lock = running.cache_folder() / f"{endpoint.removeprefix('http://').replace(':', '_')}.lock"
    with lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        said = one_sentence(capsys, ["forecast", str(sales)])
    assert said == f"almanac: another `almanac forecast` is at work at {endpoint}; wait for its end"
