"""The names of ministack that we replace or call: these tests fail when a new version has moved one of them."""

import asyncio
import importlib.metadata
import inspect
from pathlib import Path
from types import ModuleType

import pytest
from ministack import app
from ministack.core import lambda_runtime, router
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import lambda_svc, stepfunctions

from local_aws.embedded import hooks

FUNCTIONS = [
    (lambda_svc, "_execute_function_warm", ["func", "event", "request_id"]),
    (lambda_svc, "_execute_function_provided_warm", ["func", "event", "request_id"]),
    (lambda_svc, "_provided_runtime_code_dir", ["code_zip"]),
    (lambda_svc, "_provided_worker_env", ["config", "code_dir", "port"]),
    (lambda_svc, "_resolve_layer_zip", ["attachment"]),
    (lambda_svc, "_function_url_id", ["function_url"]),
    (lambda_runtime, "_worker_class_for", ["config"]),
    (stepfunctions, "_find_matching_retrier", ["retriers", "error", "retry_counts"]),
]


@pytest.mark.parametrize(("module", "name", "parameters"), FUNCTIONS)
def test_a_function_we_hook_takes_what_it_took(module: ModuleType, name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(module, name)).parameters)[: len(parameters)] == parameters


def test_the_installed_version_is_the_one_the_hooks_were_written_for() -> None:
    assert importlib.metadata.version("ministack") == "1.5.33"


def test_what_the_hooks_reach_for_is_still_called_by_its_name() -> None:
    assert "_execute_function_warm(func, event, request_id)" in inspect.getsource(lambda_svc._execute_function_dispatch)
    assert "_worker_class_for(config)" in inspect.getsource(lambda_runtime.acquire_worker)
    spawn = inspect.getsource(lambda_runtime.ProvidedWorker._spawn)
    assert "_provided_runtime_code_dir(self.code_zip)" in spawn
    assert "_provided_worker_env(self.config, code_dir, port)" in spawn
    retry = inspect.getsource(stepfunctions._execute_task)
    assert "_find_matching_retrier" in retry
    assert 'retrier.get("IntervalSeconds", 1)' in retry
    assert 'retrier.get("BackoffRate", 2.0)' in retry


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
    delays = [hooks.retry_delay(retrier, retries) / hooks.LOCAL_RETRY_PACE for retries in range(6)]
    assert delays == pytest.approx([2, 3, 4.5, 6.75, 10, 10])


def test_a_function_url_becomes_the_address_that_answers_here(tmp_path: Path) -> None:
    url = "https://f51j0vrbp9orydepkwxj63i1ihgutmt3.lambda-url.us-east-1.on.aws/"
    local = hooks._local_value(url, tmp_path, "http://127.0.0.1:4566")
    assert local == "http://127.0.0.1:4566/_aws/lambda-url/f51j0vrbp9orydepkwxj63i1ihgutmt3/"
    assert hooks._local_value("https://example.org/", tmp_path, "http://127.0.0.1:4566") == "https://example.org/"


def test_a_second_stack_does_not_take_over_the_callers_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {f"{stack}-ForecastApiFunction-1": {"FunctionUrl": f"https://{stack}.lambda-url/"} for stack in ("a", "b")}
    asked = []

    async def answer(url_id: str, *_: object) -> str:
        asked.append(url_id)
        return url_id

    monkeypatch.setattr(lambda_svc, "_function_urls", AccountRegionScopedDict())
    lambda_svc._function_urls.update(urls)
    monkeypatch.setattr(lambda_svc, "handle_function_url_request", answer)
    monkeypatch.setattr(lambda_svc, "_function_url_id", lambda url: url)
    asyncio.run(hooks._forward_to_forecast_api("POST", "/", {}, b"", {}))
    assert asked == ["https://a.lambda-url/"]
