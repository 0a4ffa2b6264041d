"""What the embedded AWS (ministack) must do differently for our template, ASL and handlers to run unchanged.

ministack has no extension points for these, so functions of its modules are replaced by name. The names are those of
the pinned version; `tests/local_aws/embedded/test_hooks.py` fails when one of them has moved. Only `server.py` imports
this.

- Python functions run on `awslambdaric` through ministack's path for `provided` runtimes. Its own worker turns each
  exception into `Runtime.HandlerError`, so that no Retry or Catch by class name would ever match.
- Requests, tasks and templates that are about Amazon Forecast go to the deployed `forecast_api`:
  `local_aws/embedded/forecast`.
- In a function's environment the address of a function URL becomes the path under which ministack answers it, and
  `/opt` becomes the folder its layers were unpacked to.
- One function runs at most as many invocations at a time as there are cores, however wide a Map fans out.
- Glue's jobs run on the Spark that `make glue` installs, its crawlers make tables, and Step Functions starts a job
  and waits for it: `local_aws/embedded/glue`.
- Athena's SQL, results and catalog are those of AWS: `local_aws/embedded/athena`.
- A Retry honours MaxDelaySeconds. (JitterStrategy spreads load over many executions; here it has nothing to spread,
  unless the account has few slots: then retries are at AWS's own pace, with jitter.)
- A bucket has the tags that its template gives it.
- The event of a function URL says who has signed the request.
- A task that waits for its token fails at once where its function fails.
- Batches of a queue are as large and as late as AWS makes them: `pace/event_batches.py`.
- Payloads are as large as AWS lets them be: `payload_limits.py`.
- Lambda refuses no call for their number, unless the account has so many slots: `account_slots.py`.
- What objects of S3 hold lies on disk: `keeping/object_bodies.py`.
- Nothing waits without need: `pace/`, `fork_server.py`.
"""

import hashlib
import io
import os
import re
import shlex
import threading
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from ministack import app
from ministack.core import iam_evaluator, lambda_runtime, router
from ministack.services import lambda_svc, s3, stepfunctions
from ministack.services.cloudformation import provisioners

from local_aws.embedded import (
    account_slots,
    fork_server,
    lambda_process,
    lambda_start,
    payload_limits,
)
from local_aws.embedded.athena import create_table_as, queries
from local_aws.embedded.forecast import requests, resources
from local_aws.embedded.glue import crawlers, job_runs
from local_aws.embedded.keeping import object_bodies
from local_aws.embedded.lambda_process import LAYERS_VARIABLE, SERVER_PROCESS_VARIABLE
from local_aws.embedded.pace import event_batches, latency, machine_pace

LONGEST_IN_A_FIRST_LINE = 120  # letters of a path; Linux before 5.1 reads 127 of the line
FUNCTION_URL = re.compile(r"https://([a-z0-9-]+)\.lambda-url\.[a-z0-9-]+\.on\.aws/?")

_layers_lock = threading.Lock()
# A function of ours never invokes itself, so waiting for a slot cannot wait for the waiter.
_slots: dict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(max(2, os.cpu_count() or 1)))


def install(folder: Path, endpoint: str, interpreter: Path, slots: int) -> None:
    """Replace what must be replaced, before the server starts.

    `folder` is where layers are unpacked, `endpoint` the address of this server, `interpreter` what runs the functions,
    `slots` how many executions of functions the account has at a time; 0 for no limit.
    """
    _run_python_on_the_real_runtime(folder / "layers", endpoint, interpreter)
    provisioners._S3_BUCKET_CONFIGURATIONS += (
        ("Tags", tagging_xml, s3._put_bucket_tagging, s3._delete_bucket_tagging),
    )
    _tell_who_calls()
    payload_limits.install()
    requests.install()
    resources.install()
    account_slots.install(slots)
    machine_pace.install(at_pace_of_aws=slots > 0)
    event_batches.install(at_pace_of_aws=slots > 0)
    latency.install()
    object_bodies.install()
    queries.install()
    create_table_as.install()
    job_runs.install(endpoint)
    crawlers.install(endpoint)
    _fail_waiting_tasks_whose_function_fails()  # last, since it is to see what the others refuse


def _run_python_on_the_real_runtime(layers_folder: Path, endpoint: str, interpreter: Path) -> None:
    run_warm, worker_class = lambda_svc._execute_function_warm, lambda_runtime._worker_class_for
    code_folder, environment = lambda_svc._provided_runtime_code_dir, lambda_svc._provided_worker_env

    def execute_function_warm(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        config = function.get("config") or function
        if not _is_python(config):
            return run_warm(function, event, request_id)
        with _slots[config["FunctionName"]]:
            return lambda_svc._execute_function_provided_warm(function, event, request_id)

    def worker_class_for(config: dict[str, Any]) -> type:
        return lambda_runtime.ProvidedWorker if _is_python(config) else worker_class(config)

    def runtime_code_folder(code_zip: bytes) -> str:
        folder = code_folder(code_zip)
        with lambda_svc._provided_code_lock:  # no process may start while the file is open for writing
            _write_bootstrap(Path(folder), interpreter)
        return folder

    def worker_environment(config: dict[str, Any], folder: str, port: int) -> dict[str, str]:
        variables: dict[str, str] = environment(config, folder, port)
        return _python_environment(variables, config, layers_folder, endpoint) if _is_python(config) else variables

    lambda_svc._execute_function_warm = execute_function_warm
    lambda_runtime._worker_class_for = worker_class_for
    lambda_svc._provided_runtime_code_dir = runtime_code_folder
    lambda_svc._provided_worker_env = worker_environment


def _is_python(config: dict[str, Any]) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


def _write_bootstrap(folder: Path, interpreter: Path) -> None:
    """Leave the program that a `provided` runtime starts, unless the function brings one."""
    bootstrap = folder / "bootstrap"
    if not bootstrap.exists():
        bootstrap.write_text(bootstrap_text(str(interpreter)), encoding="utf-8")
        bootstrap.chmod(0o755)


def bootstrap_text(python: str) -> str:
    """A program that runs `lambda_start.py`; by the shell where a path is none that a first line may name."""
    start, command = lambda_start.__file__, [python, lambda_process.__file__]
    if len(python) > LONGEST_IN_A_FIRST_LINE or any(letter.isspace() for letter in python):
        return f"#!/bin/sh\nexec {shlex.join([python, '-IS', start, *command])}\n"
    run = f"exec(compile(open({start!r}, encoding='utf-8').read(), {start!r}, 'exec'))"
    return f"#!{python} -IS\nimport sys\nsys.argv[1:] = {command!r}\n{run}\n"


def _python_environment(
    variables: dict[str, str], config: dict[str, Any], folder: Path, endpoint: str
) -> dict[str, str]:
    layers = _unpacked_layers(config.get("Layers") or [], folder)
    translated = {name: _local_value(value, layers, endpoint) for name, value in variables.items()}
    libraries = {"LD_LIBRARY_PATH": f"{layers}/lib"}  # as Lambda's runtime does: layers may bring shared libraries
    ours = {LAYERS_VARIABLE: str(layers), SERVER_PROCESS_VARIABLE: str(os.getpid())}
    return translated | libraries | ours | fork_server.variables(folder.parent, layers)


def _local_value(value: str, layers: Path, endpoint: str) -> str:
    """A value of a function's environment as it is true on this machine."""
    value = FUNCTION_URL.sub(lambda match: f"{endpoint}/_aws/lambda-url/{match[1]}/", value)
    return f"{layers}{value.removeprefix('/opt')}" if value.startswith("/opt/") else value


def _unpacked_layers(attachments: list[Any], folder: Path) -> Path:
    """The folder that stands for /opt: every layer of the function unpacked over the one before, once."""
    contents = [content for attachment in attachments if (content := lambda_svc._resolve_layer_zip(attachment))]
    digest = hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).hexdigest()
    target = folder / digest[:16]
    with _layers_lock:
        if not target.exists():
            unfinished = target.with_suffix(".unfinished")
            for content in contents:
                zipfile.ZipFile(io.BytesIO(content)).extractall(unfinished)
            unfinished.mkdir(parents=True, exist_ok=True)
            unfinished.rename(target)
    return target


def tagging_xml(tags: list[dict[str, str]]) -> bytes:
    """The tags of a bucket in a template, as PutBucketTagging takes them."""
    pairs = ("".join(f"<{name}>{escape(str(tag[name]))}</{name}>" for name in ("Key", "Value")) for tag in tags)
    return f"<Tagging><TagSet>{''.join(f'<Tag>{pair}</Tag>' for pair in pairs)}</TagSet></Tagging>".encode()


def _fail_waiting_tasks_whose_function_fails() -> None:
    """ministack lets such a task wait on until it times out, so that no Retry would see the error."""
    invoke, call = stepfunctions._invoke_with_callback, stepfunctions._call_lambda
    waiting = threading.local()

    def invoke_with_callback(resource: str, input_data: Any, token: str, state_def: dict[str, Any]) -> Any:
        waiting.token = token
        try:
            return invoke(resource, input_data, token, state_def)
        finally:
            waiting.token = None

    def call_lambda(reference: str, event: Any) -> Any:
        try:
            return call(reference, event)
        except stepfunctions._ExecutionError as failure:
            if token := getattr(waiting, "token", None):
                told = {"taskToken": token, "error": failure.error, "cause": failure.cause}
                stepfunctions._send_task_failure(told)
            raise

    stepfunctions._invoke_with_callback = invoke_with_callback
    stepfunctions._call_lambda = call_lambda


def _tell_who_calls() -> None:
    build = lambda_svc._build_function_url_event

    def build_with_caller(  # noqa: PLR0917 - as ministack calls it
        url_id: str, account: str, region: str, method: str, path: str, headers: dict[str, Any], *rest: Any, **more: Any
    ) -> dict[str, Any]:
        event: dict[str, Any] = build(url_id, account, region, method, path, headers, *rest, **more)
        event["requestContext"]["authorizer"] = {"iam": caller_identity(headers, account)}
        return event

    lambda_svc._build_function_url_event = build_with_caller


def caller_identity(headers: dict[str, Any], account: str) -> dict[str, Any]:
    """Who has signed a request, as a function URL's event says it. Of whom nothing is known: with IAM on it is empty,
    with IAM off it is the account's root.
    """
    known = iam_evaluator.resolve_caller_identity(router.extract_access_key_id(headers, {}))
    if known is None and not app.AUTH:
        known = {"accountId": account, "userArn": f"arn:aws:iam::{account}:root", "userId": account}
    return {name: value for name, value in (known or {}).items() if name != "session"}
