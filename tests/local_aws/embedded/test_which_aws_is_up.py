"""Which embedded AWS a command finds, and in which region it is."""

import json
import os
from pathlib import Path

import boto3
import pytest

from local_aws.embedded import running
from local_aws.embedded.deployment import Deployment, deploy
from local_aws.embedded.launcher import ACCESS_KEY, SECRET_KEY, StartError, embedded_aws, region_at, wanted_region
from tests.local_aws.conftest import SMALL_STACK

NO_PROCESS = 2**22 + 1  # more than Linux and macOS give


@pytest.fixture(autouse=True)
def of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No announcement and no configuration but those of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name in ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def deployment(port: int) -> Deployment:
    return Deployment(f"http://127.0.0.1:{port}", {})


def test_a_second_one_hides_no_other_and_each_takes_back_its_own() -> None:
    with running.announced(deployment(4566)):
        with running.announced(deployment(4567)):
            assert {each.endpoint[-4:] for each in running.announcements()} == {"4566", "4567"}
        assert [each.endpoint for each in running.announcements()] == ["http://127.0.0.1:4566"]
    assert running.announcements() == []


def test_the_newest_is_taken_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_deployment_at", lambda endpoint: Deployment(endpoint, {}))
    said: list[str] = []
    with running.announced(deployment(4566)), running.announced(deployment(4567)):
        first, second = (running.cache_folder() / "up" / f"{port}.json" for port in (4566, 4567))
        os.utime(first, (1, 1))
        os.utime(second, (2, 2))
        with running.found_or_started(None, said.append) as found:
            assert found.endpoint == "http://127.0.0.1:4567"
        with running.found_or_started("http://127.0.0.1:4566", said.append) as found:
            assert found.endpoint == "http://127.0.0.1:4566"
    assert said == [
        "uses the embedded AWS at http://127.0.0.1:4567, the newest of 2 that are up; --endpoint names another",
        "uses the embedded AWS at http://127.0.0.1:4566",
    ]


def test_what_a_dead_one_left_is_swept_and_what_nobody_can_read_is_passed_over() -> None:
    folder = running.cache_folder() / "up"
    folder.mkdir(parents=True)
    dead, odd = folder / "4566.json", folder / "4567.json"
    dead.write_text(json.dumps({"endpoint": "http://127.0.0.1:4566", "region": "us-east-1", "process": NO_PROCESS}))
    odd.write_text("[]")
    assert running.announcements() == []
    assert not dead.exists()
    assert odd.exists()


@pytest.mark.parametrize("home", [os.devnull, "/proc"], ids=["no folder", "read-only"])
def test_where_the_home_takes_nothing_a_temporary_folder_of_the_user_does(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", home)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert running.cache_folder().parent == tmp_path
    with running.announced(deployment(4566)):
        assert [each.endpoint for each in running.announcements()] == ["http://127.0.0.1:4566"]


def test_the_temporary_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    other = os.getuid() + 1
    running.cache_folder().rename(tmp_path / f"almanac-{other}")
    monkeypatch.setattr("os.getuid", lambda: other)
    with pytest.raises(StartError, match="belongs to another user; name a folder of yours by XDG_CACHE_HOME"):
        running.cache_folder()


def test_the_region_is_that_of_the_environment_then_of_the_profile_then_us_east_1(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert wanted_region() == "us-east-1"
    (tmp_path / "config").write_text("[default]\nregion = eu-west-1\n[profile shop]\nregion=ap-northeast-2\n")
    assert wanted_region() == "eu-west-1"
    monkeypatch.setenv("AWS_PROFILE", "shop")
    assert wanted_region() == "ap-northeast-2"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    assert wanted_region() == "us-west-2"
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert wanted_region() == "eu-north-1"
    monkeypatch.setenv("AWS_REGION", "not a region")
    assert wanted_region() == "us-east-1"


def test_clients_take_the_region_that_was_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(
        "local_aws.embedded.deployment.running_deployment", lambda endpoint: asked.append(region_at(endpoint))
    )
    monkeypatch.setenv("AWS_REGION", "ap-northeast-2")
    with running.announced(deployment(4566)):
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        running.found(None)
    assert asked == ["ap-northeast-2"]


def test_stack_arns_and_a_client_agree_in_the_workshops_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "ap-northeast-2")
    with embedded_aws() as endpoint:
        stack = deploy(endpoint, SMALL_STACK)
        assert stack.outputs["MachineArn"].startswith("arn:aws:states:ap-northeast-2:")
        client = boto3.client(
            "forecast",
            region_name="ap-northeast-2",
            endpoint_url=endpoint,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )
        groups = client.list_dataset_groups(NextToken="sent along")["DatasetGroups"]
    assert groups == [{"DatasetGroupName": "ListDatasetGroups", "DatasetGroupArn": "sent along"}]
