"""What the machine gives: cores by affinity, quota and the user's word."""

from __future__ import annotations

from math import inf
from pathlib import Path

import psutil
import pytest

from geoseg.core.machine import cores, free_memory, has_bf16, may_have_gpu, memory, quota


def test_the_users_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    assert cores() == 3
    for nonsense in ("", "0", "many", "-1"):
        monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
        assert 1 <= cores() < 1000


def test_a_quota_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr("geoseg.core.machine.quota", lambda: 0.4)
    assert cores() == 1


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root of control groups in which this process is in pod/container."""
    own = tmp_path / "own"
    own.write_text("1:name=systemd:/x\n0::/pod/container\n")
    monkeypatch.setattr("geoseg.core.machine.CGROUPS", tmp_path)
    monkeypatch.setattr("geoseg.core.machine.OWN_CGROUP", own)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_least_quota_on_the_way_up_counts(groups: Path) -> None:
    assert quota() == inf
    write(groups / "pod/container/cpu.max", "max 100000\n")
    assert quota() == inf
    write(groups / "pod/cpu.max", "250000 100000\n")
    assert quota() == 2.5
    write(groups / "pod/container/cpu.max", "100000 100000\n")
    assert quota() == 1
    write(groups / "elsewhere/cpu.max", "1000 100000\n")
    assert quota() == 1


def test_the_quota_of_old_control_groups(
    groups: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoseg.core.machine.OWN_CGROUP", tmp_path / "nothing")
    write(groups / "cpu/cpu.cfs_period_us", "100000\n")
    for text, expected in (("-1\n", inf), ("150000\n", 1.5), ("", inf)):
        (groups / "cpu/cpu.cfs_quota_us").write_text(text)
        assert quota() == expected


def test_the_least_limit_of_memory_on_the_way_up_counts(groups: Path) -> None:
    whole = psutil.virtual_memory().total
    assert memory() == whole
    write(groups / "pod/container/memory.max", "max\n")
    assert memory() == whole
    write(groups / "pod/memory.max", "3000000\n")
    assert memory() == 3_000_000
    write(groups / "memory/memory.limit_in_bytes", "2000000\n")
    assert memory() == 2_000_000


def test_what_a_container_caches_is_free(groups: Path) -> None:
    assert 0 < free_memory() <= psutil.virtual_memory().total
    write(groups / "pod/memory.max", "3000000\n")
    write(groups / "pod/memory.current", "2900000\n")
    assert free_memory() == 100_000
    write(groups / "pod/memory.stat", "anon 2400000\nfile 500000\n")
    assert free_memory() == 600_000
    write(groups / "pod/container/memory.max", "1000\n")
    write(groups / "pod/container/memory.current", "2000\n")
    assert free_memory() == 0


def test_questions_about_the_machine_have_answers() -> None:
    assert isinstance(has_bf16(), bool)
    assert isinstance(may_have_gpu(), bool)
