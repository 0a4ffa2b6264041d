"""Where Amazon Forecast answers, a function may call what its code calls and no more, and all of it is Amazon's."""

import re
from pathlib import Path

import botocore.session
import pytest

from tests.project.resolved_template import project_template, resolved

PROJECT = Path(__file__).parent.parent.parent
FUNCTIONS = sorted(path.parent.name for path in PROJECT.glob("functions/*/app.py"))
OF_THE_SERVICE = {"forecast_api", "forecast_worker"}  # they answer where Amazon does not
BY_MEMBERS = {  # what a request asks for beside the operation that it names
    "CreateDataset": {"TagResource"},
    "CreateDatasetImportJob": {"TagResource"},
    "CreateAutoPredictor": {"TagResource", "CreateExplainability", "CreateMonitor"},
    "CreateForecast": {"TagResource"},
    "CreateForecastExportJob": {"TagResource"},
}


def code_of(function: str) -> str:
    """The handler, and all modules of the pipeline that it imports, directly or by others."""
    waiting, texts = [PROJECT / "functions" / function / "app.py"], dict[Path, str]()
    while waiting:
        path = waiting.pop()
        if path in texts or not path.exists():
            continue
        texts[path] = path.read_text()
        for package, names in re.findall(r"^ *from (forecast_pipeline[\w.]*) import (.+)", texts[path], re.MULTILINE):
            folder = PROJECT / "src" / package.replace(".", "/")
            waiting += [folder.with_suffix(".py"), *(folder / f"{name}.py" for name in re.findall(r"\w+", names))]
    return "\n".join(texts.values())


def called(code: str) -> set[str]:
    """Operations of Amazon Forecast that a client is asked for, as its methods or by their names."""
    session = botocore.session.get_session()
    operations = {
        re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): name
        for service in ("forecast", "forecastquery")
        for name in session.get_service_model(service).operation_names
    }
    named = re.findall(r"client(?:\(\))?\.(\w+)", code) + re.findall(r"\"([a-z_]+)\"", code)
    return {operations[name] for name in named if name in operations}


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name not in OF_THE_SERVICE])
def test_a_function_may_call_of_amazon_forecast_what_it_calls_and_no_more(function: str) -> None:
    made = resolved(project_template(), ForecastService="Amazon")["Resources"]
    policy = made.get(f"{function.title().replace('_', '')}CallsAmazonPolicy")
    statements = policy["Properties"]["PolicyDocument"]["Statement"] if policy else []
    actions = {
        action for statement in statements for action in statement["Action"] if isinstance(statement["Action"], list)
    }
    allowed = {action.removeprefix("forecast:") for action in actions if action.startswith("forecast:")}
    needed = called(code_of(function))
    assert allowed == needed.union(*(BY_MEMBERS.get(name, set()) for name in needed))


def test_the_pipeline_forecasts_by_amazons_operations_wherever_it_does() -> None:
    """Otherwise the test above would hold of handlers that call nothing."""
    everything = set().union(*(called(code_of(name)) for name in FUNCTIONS))
    assert {"CreateDatasetImportJob", "CreateAutoPredictor", "CreateForecast", "GetAccuracyMetrics"} < everything
    assert [
        name
        for name in ("plan_preparation", "replace_train_data", "refresh_dashboard", "notify")
        if called(code_of(name))
    ] == []
