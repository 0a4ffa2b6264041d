"""One name per step and one per kind of resource, everywhere: folder, state, resource, event, rules, job and test."""

import json
import re
from pathlib import Path
from typing import Any

import grimp
import pytest
from cfnlint.decode.cfn_yaml import load

from forecast_service.api.operations import RESOURCE_KINDS
from forecast_service.jobs.machine import JOBS
from forecast_service.records.kinds import KINDS
from tests.statemachine.machine import definition_of

PROJECT = Path(__file__).parent.parent.parent
FUNCTIONS = sorted(path.parent.name for path in (PROJECT / "functions").glob("*/app.py"))
# They answer requests and run jobs, start a machine, or are invoked by hand: no state is theirs.
NOT_STEPS = {"start_pipeline", "plan_preparation", "forecast_api", "forecast_worker", "publish_run"}
MACHINES = {
    "ForecastPipeline": "forecast_pipeline",
    "RawDataPreparation": "prepare_data",
    "ForecastJob": "forecast_job",
}


def pascal_case(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json.dumps(load(str(PROJECT / "template.yaml")), default=str))
    return loaded


def test_the_functions_are_those_of_the_architecture() -> None:
    assert len(FUNCTIONS) == 17


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_resource_an_event_and_a_test_of_its_name(name: str, template: dict[str, Any]) -> None:
    resource = template["Resources"][f"{pascal_case(name)}Function"]
    assert resource["Properties"]["CodeUri"] == f"functions/{name}"
    assert (PROJECT / "events" / f"{name}.json").is_file()
    assert (PROJECT / "tests" / "functions" / f"test_{name}.py").is_file()


def test_every_function_of_the_template_has_a_folder(template: dict[str, Any]) -> None:
    folders = {
        body["Properties"]["CodeUri"]  # two functions of one folder are two addresses of the service
        for body in template["Resources"].values()
        if body["Type"] == "AWS::Serverless::Function"
    }
    assert sorted(folders) == [f"functions/{name}" for name in FUNCTIONS]


def function_of(state: dict[str, Any]) -> str:
    """What a task calls: its resource, or the function to which it gives a token."""
    return str(state.get("Parameters", {}).get("FunctionName") or state.get("Resource", ""))


def test_the_steps_of_the_pipeline_and_of_a_preparation_are_the_functions() -> None:
    called = {
        (machine, name): match.group(1)
        for machine in ("forecast_pipeline", "prepare_data")
        for name, state in definition_of(machine)["States"].items()
        if (match := re.fullmatch(r"\$\{(\w+)FunctionArn\}", function_of(state)))
    }
    assert set(called.values()) == {pascal_case(name) for name in FUNCTIONS if name not in NOT_STEPS}
    assert [state for state, function in called.items() if not state[1].startswith(function)] == []


def test_every_substitution_of_a_machine_is_given_and_used(template: dict[str, Any]) -> None:
    for name, file in MACHINES.items():
        properties = template["Resources"][name]["Properties"]
        assert properties["DefinitionUri"] == f"statemachine/{file}.asl.json"
        definition = (PROJECT / properties["DefinitionUri"]).read_text()
        assert set(re.findall(r"\$\{(\w+)\}", definition)) == set(properties["DefinitionSubstitutions"])


def test_every_event_belongs_to_a_function() -> None:
    events = [path.stem for path in (PROJECT / "events").glob("*.json")]
    assert [event for event in events if not event.startswith(tuple(FUNCTIONS))] == []


def source_of(module: str) -> str:
    """The text of a module, or package, under ``src``."""
    path = PROJECT / "src" / module.replace(".", "/")
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text()


def test_every_environment_variable_of_a_function_is_read_and_every_one_read_is_given(template: dict[str, Any]) -> None:
    """A misspelt variable is found here, not in the cloud. Powertools and the SDK read theirs themselves."""
    pattern = re.compile(r"""(?:environ(?:\.get\(|\[)\s*|^VARIABLE = )["']([A-Z_]+)["']""", re.MULTILINE)
    imports = grimp.build_graph("functions", *(path.parent.name for path in (PROJECT / "src").glob("*/__init__.py")))
    for name in FUNCTIONS:
        modules = imports.find_upstream_modules(f"functions.{name}.app")
        read_in_packages = set().union(*(pattern.findall(source_of(module)) for module in modules))
        properties = template["Resources"][f"{pascal_case(name)}Function"]["Properties"]
        given = {
            variable
            for variable in properties.get("Environment", {}).get("Variables", {})
            if not variable.startswith(("AWS_", "POWERTOOLS_"))
        }
        read = set(pattern.findall((PROJECT / "functions" / name / "app.py").read_text()))
        own = {variable for variable in read if not variable.startswith(("AWS_", "POWERTOOLS_"))}
        assert own <= given, f"{name} reads {sorted(own - given)}, which the template does not set"
        assert given <= read | read_in_packages, (
            f"the template sets {sorted(given - read - read_in_packages)} for {name}, which nothing reads"
        )


def module_of(room: str, kind: str) -> Path | None:
    """The module of a kind in a room of the service, or the folder of its modules."""
    folder = PROJECT / "src" / "forecast_service" / room
    return next((path for path in (folder / f"{kind}.py", folder / kind) if path.exists()), None)


def names_of_tests(room: str, kind: str) -> list[Path]:
    folder = PROJECT / "tests" / "forecast_service" / room
    return [*folder.glob(f"test_{kind}.py"), *(folder / kind).glob("test_*.py")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_rules_and_a_test_of_its_name(kind: str) -> None:
    assert module_of("resources", kind)
    assert names_of_tests("resources", kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_with_a_job_has_that_and_its_test_under_its_name(kind: str) -> None:
    if KINDS[kind].has_job:
        assert module_of("jobs", kind)
        assert names_of_tests("jobs", kind)
    else:
        assert module_of("jobs", kind) is None


def test_the_api_answers_for_every_kind_but_subresources_and_the_worker_has_every_job() -> None:
    assert set(RESOURCE_KINDS) == {name for name, kind in KINDS.items() if not kind.is_subresource}
    assert set(JOBS) == {name for name, kind in KINDS.items() if kind.has_job}


@pytest.mark.parametrize("kind", JOBS)
def test_the_job_of_a_kind_comes_from_the_module_of_its_name(kind: str) -> None:
    home = "forecast_service.jobs." + kind
    assert JOBS[kind].__module__ in (home, f"{home}.job")
