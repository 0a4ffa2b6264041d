"""The names of ministack that we replace or call: these tests fail when a new version has moved one of them."""

import asyncio
import importlib.metadata
import inspect
import queue
import socket
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from ministack import app
from ministack.core import iam_evaluator, lambda_runtime, router
from ministack.core.lambda_runtime import ProvidedWorker
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import athena, dynamodb, glue, lambda_svc, s3, stepfunctions, sts
from ministack.services.cloudformation import provisioners

from local_aws.embedded import hooks
from local_aws.embedded.forecast import requests
from local_aws.embedded.glue import job_runs
from local_aws.embedded.pace import latency, machine_pace

EXECUTION = {
    "executionArn": "arn:aws:states:us-east-1:000000000000:execution:machine:run",
    "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:machine",
    "name": "run",
    "startDate": "2024-01-01T00:00:00.000Z",
    "stopDate": None,
    "input": "{}",
    "output": None,
}
LATE_ANSWER = (
    b"POST /2018-06-01/runtime/invocation/unknown/response HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
)

FUNCTIONS = [
    (iam_evaluator, "resolve_caller_identity", ["access_key_id"]),
    (router, "extract_access_key_id", ["headers", "query_params"]),
    (
        lambda_svc,
        "_build_function_url_event",
        [
            "url_id",
            "account_id",
            "region",
            "method",
            "path",
            "headers",
            "body",
            "query_params",
            "source_ip",
            "anonymous",
            "trace_root",
        ],
    ),
    (athena, "_rewrite_data_paths", ["query", "database", "catalog"]),
    (athena, "_execute_query", ["query_id", "query", "database", "ddl", "catalog"]),
    (athena, "_run_duckdb", ["query", "database", "catalog"]),
    (athena, "_attach_s3_table_buckets", ["conn", "buckets"]),
    (athena, "_start_query_execution", ["data"]),
    (athena, "_save_query_results", ["query_id"]),
    (athena, "_datum_text", ["value"]),
    (athena, "_sql_tokens", ["sql"]),
    (s3, "_put_object", ["bucket_name", "key", "body", "headers"]),
    (s3, "_get_object", ["bucket_name", "key", "headers", "query_params"]),
    (s3, "_copy_object", ["bucket_name", "dest_key", "headers"]),
    (s3, "_upload_part_copy", ["bucket_name", "dest_key", "query_params", "headers"]),
    (s3, "_persist_displaced_version", ["bucket_name", "key", "prior_obj", "versioning"]),
    (s3, "_version_entry_from_record", ["obj", "version_id", "data"]),
    (s3, "_read_body", ["bucket_name", "key", "obj"]),
    (s3, "_object_disk_path", ["bucket", "key"]),
    (s3, "_atomic_write", ["fpath", "data", "text"]),
    (s3, "_put_bucket_tagging", ["name", "body"]),
    (s3, "_delete_bucket_tagging", ["name"]),
    (provisioners, "_s3_apply_configurations", ["name", "props", "old_props"]),
    (glue, "_create_table", ["data"]),
    (glue, "_create_database", ["data"]),
    (lambda_svc, "_execute_function_warm", ["func", "event", "request_id"]),
    (lambda_svc, "_execute_function_provided_warm", ["func", "event", "request_id"]),
    (lambda_svc, "_provided_runtime_code_dir", ["code_zip"]),
    (lambda_svc, "_provided_worker_env", ["config", "code_dir", "port"]),
    (lambda_svc, "_resolve_layer_zip", ["attachment"]),
    (lambda_svc, "_function_url_id", ["function_url"]),
    (lambda_runtime, "_worker_class_for", ["config"]),
    (ProvidedWorker, "_build_handler_class", ["self", "generation", "pending"]),
    (ProvidedWorker, "_drain_stderr_bounded", ["self", "first_line_wait", "idle_confirm"]),
    (stepfunctions, "_invoke_with_callback", ["resource", "input_data", "token", "state_def"]),
    (stepfunctions, "_send_task_failure", ["data"]),
    (stepfunctions, "_find_matching_retrier", ["retriers", "error", "retry_counts"]),
    (stepfunctions, "_emit_execution_status_event", ["execution"]),
    (dynamodb, "_tokenize", ["expr"]),
    (dynamodb, "_condition_syntax_error", ["expr", "slot"]),
    (glue, "_get_docker", []),
    (glue, "_start_job_run", ["data"]),
    (glue, "_get_job_run", ["data"]),
    (glue, "_execute_spark_docker", ["run", "job", "job_name", "args", "script_path", "docker_client"]),
    (glue, "_start_crawler", ["data"]),
    (glue, "_create_database", ["data"]),
    (glue, "_create_table", ["data"]),
    (glue, "_update_table", ["data"]),
    (glue, "json_response", ["data"]),
    (glue, "error_response_json", ["code", "message", "status"]),
]


class CountingSocket(socket.socket):
    """Counts what it is told to send."""

    sent = 0

    def send(self, data: Any, flags: int = 0) -> int:
        self.sent += 1
        return super().send(data, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        self.sent += 1
        super().sendall(data, flags)


@pytest.fixture
def condition(monkeypatch: pytest.MonkeyPatch) -> mock.MagicMock:
    """What a waiting state machine is told by, of ministack as `machine_pace.py` leaves it."""
    for name in ("_find_matching_retrier", "_emit_execution_status_event", "time"):
        monkeypatch.setattr(stepfunctions, name, getattr(stepfunctions, name))
    told = mock.MagicMock()
    monkeypatch.setattr(machine_pace, "_an_execution_ended", told)
    machine_pace.install()
    return told


@pytest.fixture
def quick_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """ministack as `latency.py` leaves it."""
    for name in ("_build_handler_class", "_drain_stderr_bounded"):
        monkeypatch.setattr(ProvidedWorker, name, getattr(ProvidedWorker, name))
    for name in ("_tokenize", "_condition_syntax_error"):
        monkeypatch.setattr(dynamodb, name, getattr(dynamodb, name))
    latency.install()


@pytest.mark.parametrize(("owner", "name", "parameters"), FUNCTIONS)
def test_a_function_we_hook_takes_what_it_took(owner: ModuleType | type, name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(owner, name)).parameters)[: len(parameters)] == parameters


def test_the_installed_version_is_the_one_the_hooks_were_written_for() -> None:
    assert importlib.metadata.version("ministack") == "1.5.33"


def test_what_the_hooks_reach_for_is_still_called_by_its_name() -> None:
    assert "_execute_function_warm(func, event, request_id)" in inspect.getsource(lambda_svc._execute_function_dispatch)
    assert "_worker_class_for(config)" in inspect.getsource(lambda_runtime.acquire_worker)
    spawn = inspect.getsource(lambda_runtime.ProvidedWorker._spawn)
    assert "_provided_runtime_code_dir(self.code_zip)" in spawn
    assert "_provided_worker_env(self.config, code_dir, port)" in spawn
    assert "self._build_handler_class(generation, pending)" in spawn
    assert "self._drain_stderr_bounded()" in inspect.getsource(ProvidedWorker.invoke)
    retry = inspect.getsource(stepfunctions._execute_task)
    assert "_find_matching_retrier" in retry
    assert 'retrier.get("IntervalSeconds", 1)' in retry
    assert 'retrier.get("BackoffRate", 2.0)' in retry
    run = inspect.getsource(stepfunctions._run_execution)
    assert f"time.sleep({machine_pace.SECONDS_BEFORE_AN_EXECUTION})" in run
    assert "_emit_execution_status_event(execution)" in run
    assert "_emit_execution_status_event(execution)" in inspect.getsource(stepfunctions._fail_execution)


def test_a_spark_job_of_glue_still_asks_for_docker_and_hands_it_the_run() -> None:
    start = inspect.getsource(glue._start_job_run)
    assert "docker_client = _get_docker()" in start
    assert "docker_client.images.get(image)" in start
    assert "_execute_spark_docker(run, job, job_name, script_args, resolved, docker_client)" in start
    assert "job = _jobs[job_name]" in start
    assert "_job_runs[job_name].append(run)" in start
    requests = inspect.getsource(glue._handle_request_sync)
    assert '"StartJobRun": _start_job_run' in requests
    assert '"StartCrawler": _start_crawler' in requests
    assert "crawler = _crawlers[name]" in inspect.getsource(glue._update_crawler)


def test_step_functions_looks_up_its_integrations_by_the_resources_beginning() -> None:
    dispatch = inspect.getsource(stepfunctions._invoke_resource)
    assert "_SERVICE_DISPATCH.items()" in dispatch
    assert "handler(resource, input_data)" in dispatch
    assert (
        job_runs.START_JOB_RUN not in stepfunctions._SERVICE_DISPATCH
    )  # else ministack has learnt it, and ours may go
    assert str(stepfunctions._ExecutionError("Error", "cause"))


def test_athena_hands_out_the_connection_before_the_query_and_keeps_what_the_hooks_read() -> None:
    run = inspect.getsource(athena._run_duckdb)
    assert "rewritten, s3_table_buckets, workdirs = await _rewrite_data_paths(query, database, catalog)" in run
    assert "if s3_table_buckets:\n                _attach_s3_table_buckets(conn, s3_table_buckets)" in run
    assert "await _save_query_results(query_id)" in inspect.getsource(athena._execute_query)
    started = inspect.getsource(athena._start_query_execution)
    assert '{"OutputLocation": f"{output_location}{query_id}.csv"}' in started
    assert "_datum_text(v)" in inspect.getsource(athena._get_query_results)
    for store in (athena._workgroups, athena._executions, glue._databases, glue._tables):
        assert isinstance(store, AccountRegionScopedDict)


def test_services_are_registered_in_the_tables_the_hooks_add_to() -> None:
    assert router.SERVICE_PATTERNS["dynamodb"]["target_prefixes"]
    assert callable(app.SERVICE_HANDLERS["dynamodb"])
    assert list(inspect.signature(lambda_svc.handle_function_url_request).parameters)[:6] == [
        "url_id",
        "method",
        "path",
        "headers",
        "body",
        "query_params",
    ]
    assert hasattr(lambda_svc._function_urls, "all_items")
    assert lambda_svc._provided_code_lock.acquire(blocking=False)
    lambda_svc._provided_code_lock.release()


def test_a_retry_waits_longer_each_time_until_its_longest_delay() -> None:
    retrier = {"IntervalSeconds": 2, "BackoffRate": 1.5, "MaxDelaySeconds": 10}
    delays = [machine_pace.retry_delay(retrier, retries) / machine_pace.LOCAL_RETRY_PACE for retries in range(6)]
    assert delays == pytest.approx([2, 3, 4.5, 6.75, 10, 10])


def test_a_step_that_waits_for_a_job_asks_again_once_an_execution_has_ended(condition: mock.MagicMock) -> None:
    retriers = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 3}]
    retrier, _ = stepfunctions._find_matching_retrier(retriers, "ResourcePending", {0: 1})
    condition.wait.assert_called_once_with(4 * machine_pace.LOCAL_RETRY_PACE)
    assert retrier["IntervalSeconds"] == 0

    stepfunctions._emit_execution_status_event(EXECUTION | {"status": "RUNNING"})
    condition.notify_all.assert_not_called()
    stepfunctions._emit_execution_status_event(EXECUTION | {"status": "SUCCEEDED"})
    condition.notify_all.assert_called_once_with()


def test_a_step_that_failed_waits_its_time_whatever_ends(condition: mock.MagicMock) -> None:
    retriers = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 3}]
    retrier, _ = stepfunctions._find_matching_retrier(retriers, "Lambda.Unknown", {0: 1})
    condition.wait.assert_not_called()
    assert retrier["IntervalSeconds"] * retrier["BackoffRate"] == 4 * machine_pace.LOCAL_RETRY_PACE


@pytest.mark.usefixtures("condition")
def test_an_execution_begins_at_once_and_a_wait_state_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    stepfunctions.time.sleep(machine_pace.SECONDS_BEFORE_AN_EXECUTION)
    stepfunctions._scaled_sleep(2)
    assert slept == [2]


def test_a_bucket_has_the_tags_of_its_template() -> None:
    tags = [{"Key": "almanac_stack", "Value": "a<b"}, {"Key": "team", "Value": "forecasts & more"}]
    assert s3._parse_tags_xml(hooks.tagging_xml(tags)) == {each["Key"]: each["Value"] for each in tags}
    assert provisioners._S3_BUCKET_CONFIGURATIONS[0][0] == "CorsConfiguration"


def test_a_function_url_becomes_the_address_that_answers_here(tmp_path: Path) -> None:
    url = "https://f51j0vrbp9orydepkwxj63i1ihgutmt3.lambda-url.us-east-1.on.aws/"
    local = hooks._local_value(url, tmp_path, "http://127.0.0.1:4566")
    assert local == "http://127.0.0.1:4566/_aws/lambda-url/f51j0vrbp9orydepkwxj63i1ihgutmt3/"
    assert hooks._local_value("https://example.org/", tmp_path, "http://127.0.0.1:4566") == "https://example.org/"


def test_a_second_stack_does_not_take_over_the_callers_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {f"{stack}-ForecastApiFunction-1": {"FunctionUrl": f"https://{stack}.lambda-url/"} for stack in ("a", "b")}
    asked = []

    async def answer(url_id: str, *_: object) -> tuple[int, dict[str, str], bytes]:
        asked.append(url_id)
        return 200, {}, b""

    monkeypatch.setattr(lambda_svc, "_function_urls", AccountRegionScopedDict())
    lambda_svc._function_urls.update(urls)
    monkeypatch.setattr(lambda_svc, "handle_function_url_request", answer)
    monkeypatch.setattr(lambda_svc, "_function_url_id", lambda url: url)
    asyncio.run(requests.answer("POST", "/", {}, b"", {}))
    assert asked == ["https://a.lambda-url/"]


@pytest.mark.usefixtures("quick_answers")
def test_head_and_body_reach_a_process_in_one_packet() -> None:
    handler = ProvidedWorker._build_handler_class(ProvidedWorker("step", {}, b""), 1, queue.Queue())
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as process,
    ):
        process.sendall(LATE_ANSWER)
        with CountingSocket(fileno=listener.accept()[0].detach()) as connection:
            handler(connection, process.getsockname(), SimpleNamespace())
            assert connection.sent == 1
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        answer = process.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.endswith(b'"InvalidRequestID"}')


@pytest.mark.usefixtures("quick_answers")
def test_a_condition_is_parsed_once_and_a_wrong_one_refused_each_time() -> None:
    item, values = {"Arn": {"S": "a"}}, {":arn": {"S": "a"}}
    assert [dynamodb._evaluate_condition("Arn = :arn", item, values, {}) for _ in range(3)] == [True] * 3
    assert dynamodb._condition_syntax_error.cache_info()[:2] == (2, 1)
    dynamodb._tokenize("Arn = :arn").clear()
    assert dynamodb._evaluate_condition("Arn = :arn", item, {":arn": {"S": "b"}}, {}) is False
    for _ in range(2):
        assert "Syntax error" in dynamodb._condition_syntax_error("Arn = = :arn", "ConditionExpression")


@pytest.mark.usefixtures("quick_answers")
def test_an_answer_waits_a_millisecond_for_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(lambda_runtime, "time", SimpleNamespace(time=lambda: sum(waits), sleep=waits.append))
    worker = ProvidedWorker("step", {}, b"")
    assert worker._drain_stderr_bounded() == ""
    assert sum(waits) == pytest.approx(0.001)
    for line in ("first", "second"):
        worker._stderr_queue.put(line)
    assert worker._drain_stderr_bounded() == "first\nsecond"


@pytest.mark.parametrize(
    ("key", "iam_is_on", "arn"),
    [
        ("test", True, "arn:aws:iam::000000000000:root"),
        ("ASIASTEP", True, "arn:aws:sts::000000000000:assumed-role/Step/1"),
        ("AKIANOBODY", True, None),
        ("AKIANOBODY", False, "arn:aws:iam::000000000000:root"),
    ],
)
def test_a_function_url_tells_who_has_signed(
    key: str, iam_is_on: bool, arn: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "AUTH", iam_is_on)
    monkeypatch.setitem(sts._sessions, "ASIASTEP", {"Arn": "arn:aws:sts::000000000000:assumed-role/Step/1"})
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/lambda/aws4_request, Signature=0"
    }
    told = hooks.caller_identity(headers, "000000000000")
    assert told.get("userArn") == arn
    assert "session" not in told
