"""What the machine gives: cores by affinity, quota and the user's word."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from geoseg.core.machine import cores, has_bf16, may_have_gpu, quota


def test_the_users_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3,2")
    assert cores() == 3
    for nonsense in ("", "0", "many", "-1"):
        monkeypatch.setenv("OMP_NUM_THREADS", nonsense)
        assert 1 <= cores() < 1000


def test_a_quota_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr("geoseg.core.machine.quota", lambda root: 0.4)
    assert cores() == 1


def group(root: Path, folder: str, text: str) -> None:
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / folder / "cpu.max").write_text(text)


def test_the_least_quota_on_the_way_up_counts(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("1:name=systemd:/x\n0::/pod/container\n")
    assert quota(tmp_path, own) == inf
    group(tmp_path, "pod/container", "max 100000\n")
    assert quota(tmp_path, own) == inf
    group(tmp_path, "pod", "250000 100000\n")
    assert quota(tmp_path, own) == 2.5
    group(tmp_path, "pod/container", "100000 100000\n")
    assert quota(tmp_path, own) == 1
    group(tmp_path, "elsewhere", "1000 100000\n")
    assert quota(tmp_path, own) == 1


def test_the_quota_of_old_control_groups(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu/cpu.cfs_period_us").write_text("100000\n")
    for text, expected in (("-1\n", inf), ("150000\n", 1.5), ("", inf)):
        (tmp_path / "cpu/cpu.cfs_quota_us").write_text(text)
        assert quota(tmp_path, tmp_path / "nothing") == expected


def test_questions_about_the_machine_have_answers() -> None:
    assert isinstance(has_bf16(), bool)
    assert isinstance(may_have_gpu(), bool)
