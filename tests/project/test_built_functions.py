"""What `sam build` makes runs by itself: the whole pipeline, on the runtime's own Python, from the build folders."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local_aws.command.pipeline_run import Pipeline
from local_aws.embedded.deployment import STACK_NAME, Deployment
from local_aws.embedded.template import read_template
from local_aws.guessing.options import Options
from local_aws.upload.upload import upload_from_guesses
from tests.project.resolved_template import project_template

PROJECT = Path(__file__).parent.parent.parent
RUNTIME = PROJECT / ".venv-runtime" / "bin" / "python"
ARCHITECTURES = ("arm64", "x86_64")
LIMIT = 250 * 1024 * 1024  # bytes that a zip function and its layers may unpack to
MODULES_OF_THE_RUNTIME = {"awslambdaric", "simplejson", "snapshot_restore_py", "runtime_client", "pip", "__pycache__"}


def unpacked_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_function_with_its_layers_unpacks_to_less_than_lambda_allows(build_folder: Path) -> None:
    functions = [folder for folder in build_folder.iterdir() if folder.name.endswith("Function")]
    kinds = [resource["Type"] for resource in project_template()["Resources"].values()]
    layers = sum(unpacked_bytes(build_folder / layer) for layer in ("PipelineLayer", "ServiceLayer"))
    assert len(functions) == kinds.count("AWS::Serverless::Function")
    assert layers + max(unpacked_bytes(folder) for folder in functions) < LIMIT


def test_the_built_template_takes_the_architecture_of_its_layers_and_no_other(
    build_folder: Path, built_deployment: Deployment
) -> None:
    built, other = ARCHITECTURES if platform.machine() in ("arm64", "aarch64") else reversed(ARCHITECTURES)
    source, parameters = project_template()["Parameters"], read_template(build_folder / "template.yaml")["Parameters"]
    assert source["Architecture"]["AllowedValues"] == [*ARCHITECTURES]
    assert parameters["Architecture"] == source["Architecture"] | {"Default": built, "AllowedValues": [built]}
    assert {name: each for name, each in parameters.items() if name != "Architecture"} == {
        name: each for name, each in source.items() if name != "Architecture"
    }
    with pytest.raises(ClientError, match=f"Parameter 'Architecture' value '{other}'"):
        built_deployment.client("cloudformation").update_stack(
            StackName=STACK_NAME,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": "Architecture", "ParameterValue": other}],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )


@pytest.mark.skipif(sys.platform != "linux", reason="what is built is for Linux")
def test_lightgbm_finds_all_that_it_loads_in_the_layer(build_folder: Path) -> None:
    layer = build_folder / "ServiceLayer"
    script = (
        "import sys; sys.path[:] = [entry for entry in sys.path if 'site-packages' not in entry] + sys.argv[1:]\n"
        "import lightgbm\n"
        "print(*(line.split()[-1] for line in open('/proc/self/maps') if 'libgomp' in line))"
    )
    loaded = subprocess.run(
        [RUNTIME, "-c", script, layer / "python"],
        env={"LD_LIBRARY_PATH": str(layer / "lib")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert set(loaded) == {str((layer / "lib" / "libgomp.so.1").resolve())}


def test_the_runtime_brings_nothing_that_a_layer_should_bring(build_folder: Path) -> None:
    packages = {
        path.name.split(".")[0] for path in (RUNTIME.parent.parent / "lib" / "python3.13" / "site-packages").iterdir()
    }
    assert {name.split("-")[0] for name in packages} == MODULES_OF_THE_RUNTIME


def test_the_pipeline_runs_on_what_sam_build_made(built_deployment: Deployment, tmp_path: Path) -> None:
    data = tmp_path / "visits.csv"
    rows = [
        f"{item},2024-{month:02}-{day:02},{10 + day % 7 + 3 * number}"
        for number, item in enumerate("ab")
        for month in (1, 2, 3)
        for day in range(1, 29)
    ]
    data.write_text("\n".join(["item_id,timestamp,target_value", *rows]) + "\n")
    pipeline = Pipeline(built_deployment)
    execution = pipeline.follow(
        pipeline.start(upload_from_guesses(data, Options(frequency="D", horizon=7), tmp_path)), lambda _: None
    )
    assert (execution.status, execution.cause) == ("SUCCEEDED", "")
    assert execution.published is not None
    assert execution.published.ItemCount == 2
    assert execution.published.FirstTimestamp == "2024-03-29T00:00:00"
