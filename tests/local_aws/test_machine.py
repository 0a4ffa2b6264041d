"""What a machine lacks is said in one sentence, with what installs it."""

import ctypes
import sys

import pytest

from local_aws.command.cli import main
from local_aws.machine import MachineLacksError, require_embedded_aws, require_openmp


def test_a_machine_that_has_all_is_told_nothing() -> None:
    require_embedded_aws()


def test_windows_is_sent_to_wsl(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert main(["forecast", "sales.csv"]) == 1
    assert main(["up"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert all("WSL" in line for line in said)


def test_who_lacks_openmp_is_told_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise OSError("libgomp.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    with pytest.raises(MachineLacksError, match="apt-get install libgomp1"):
        require_openmp()


def test_another_fault_of_the_library_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise OSError("lib_lightgbm.so: invalid ELF header")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    with pytest.raises(OSError, match="ELF"):
        require_openmp()
