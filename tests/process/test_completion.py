"""Completion by the shell, through its own protocol and in a real bash."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import commands
import pytest


def answers(line: str, shell: str = "bash") -> list[str]:
    """What geoseg answers where a line, with the cursor at its end, is to be completed."""
    words = line.split(" ")
    wanted = str(len(words) - 1) if shell != "fish" else words[-1]
    asked = {
        "_GEOSEG_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line.rstrip(),
        "COMP_CWORD": wanted,
    }
    done = commands.run(env=commands.environment() | asked)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("geoseg pre", ["plain,predict"]),
        ("geoseg predict --eng", ["plain,--engine"]),
        ("geoseg predict x.tif --engine o", ["plain,openvino", "plain,onnxruntime"]),
        ("geoseg predict --out m", ["file,m"]),
        ("geoseg predict sc", ["file,sc"]),
        ("geoseg predict --model landcover-rgbn", ["dir,landcover-rgbn", "plain,landcover-rgbn"]),
        ("geoseg batch st", ["file,st", "plain,status"]),
        ("geoseg batch --retr", ["file,--retr", "plain,--retries"]),
        ("geoseg batch x.tif --retr", ["plain,--retries"]),
        ("geoseg models sh", ["plain,show"]),
        ("geoseg completion z", ["plain,zsh"]),
        ("geoseg nothing x", []),
        ("geoseg quicklook ma", ["file,ma"]),
        ("geoseg quicklook map.tif --o", ["plain,--out", "plain,--overwrite"]),
        ("geoseg quicklook map.tif --font f", ["file,f"]),
        ("geoseg quicklook map.tif --title x", []),
        ("geoseg label work --exp", ["plain,--export"]),
        (
            "geoseg label s.tif --classes landcover-rgbn",
            ["file,landcover-rgbn", "plain,landcover-rgbn"],
        ),
        ("geoseg predict x.tif --mosaic le", ["plain,least-cloudy"]),
    ],
)
def test_bash_is_answered(line: str, expected: list[str]) -> None:
    assert answers(line) == expected


def test_every_command_is_offered() -> None:
    from geoseg.cli import COMMANDS

    assert answers("geoseg ") == [f"plain,{name}" for name in COMMANDS]


def test_zsh_and_fish_are_answered() -> None:
    assert "predict" in answers("geoseg pre", "zsh")
    assert answers("geoseg pre", "fish")[0].startswith("plain,predict")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_the_one_of_the_variable(shell: str) -> None:
    printed = commands.run("completion", shell).stdout
    asked = {"_GEOSEG_COMPLETE": f"{shell}_source"}
    assert printed.strip() == commands.run(env=commands.environment() | asked).stdout.strip()
    assert "_GEOSEG_COMPLETE" in printed


def test_another_shell_is_refused() -> None:
    done = commands.run("completion", "ksh")
    assert done.returncode == 2
    assert "'ksh' is not one of 'bash', 'zsh', 'fish'" in done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_itself_completes(tmp_path: Path) -> None:
    program = tmp_path / "geoseg"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(commands.command())} "$@"\n')
    program.chmod(0o755)
    script = """
    eval "$(geoseg completion bash)"
    complete -p geoseg
    COMP_WORDS=(geoseg vec) COMP_CWORD=1
    _geoseg_completion geoseg
    echo "${COMPREPLY[@]}" """
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=commands.environment() | path,
    )
    assert done.stdout.splitlines()[-1] == "vectorize", done.stderr
    assert "-F _geoseg_completion geoseg" in done.stdout
