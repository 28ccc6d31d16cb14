"""The runner of the engine: events, noise, crashes, cancel, and children that do not want to
end.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from geoseg_qgis import worker
from geoseg_qgis.environment import child_environment

EVENT = "import json\ndef tell(**event): print(json.dumps(event), flush=True)\n"


class Heard:
    """What a child said; cancels once `cancel_at` is an event of it."""

    def __init__(self, cancel_at: str = "") -> None:
        self.events: list[worker.Event] = []
        self.lines: list[str] = []
        self._cancel_at = cancel_at

    def cancelled(self) -> bool:
        return bool(self._cancel_at) and any(
            event["event"] == self._cancel_at for event in self.events
        )

    def run(self, code: str, grace: float = worker.GRACE) -> worker.Outcome:
        command = [sys.executable, "-c", EVENT + code]
        environment = child_environment()
        return worker.run(
            command, self.events.append, self.lines.append, self.cancelled, environment, grace
        )


def test_events_and_other_lines_are_told_apart() -> None:
    heard = Heard()
    done = heard.run(
        'tell(event="noted", text="a")\nprint("noise")\nprint("[1]")\nprint(json.dumps({"no": '
        '"event"}))'
    )
    assert (done.status, done.problem, done.cancelled) == (0, "", False)
    assert heard.events == [{"event": "noted", "text": "a"}]
    assert heard.lines == ["noise", "[1]", '{"no": "event"}']


def test_an_error_is_told_in_the_engines_words() -> None:
    code = 'tell(event="failed", kind="InputError", found="2 bands", expected="3", do="add one", status=2)\nexit(2)'
    done = Heard().run(code)
    assert done.problem == "2 bands; expected 3; add one"


def test_an_error_in_the_options_is_told_without_an_event() -> None:
    code = (
        "import sys\nprint('geoseg: error: --tile -3; expected a number', file=sys.stderr)\nexit(2)"
    )
    assert Heard().run(code).problem == "--tile -3; expected a number"


def test_a_crash_is_told_by_its_signal_and_the_last_lines() -> None:
    code = (
        "import os, sys\nprint('half way', file=sys.stderr, flush=True)\nos.kill(os.getpid(), 11)"
    )
    done = Heard().run(code)
    assert done.status == -signal.SIGSEGV
    assert "SIGSEGV" in done.problem
    assert "half way" in done.problem


def test_a_child_that_was_killed_is_told_as_out_of_memory() -> None:
    done = Heard().run("import os\nos.kill(os.getpid(), 9)")
    assert "memory ran out" in done.problem


def test_a_status_without_a_word_is_no_success() -> None:
    assert "exit status 3" in Heard().run("exit(3)").problem


@pytest.mark.parametrize("status", [0xC0000005, 0xC0000017, 0xC00000FD, 0xC0000135])
def test_windows_says_crashes_with_numbers(status: int) -> None:
    assert f"{status:X}" in worker.describe_status(status)


def test_cancel_ends_stdin_and_the_child_cleans_up(tmp_path: Path) -> None:
    left = tmp_path / "part"
    code = f"""
import pathlib, sys
part = pathlib.Path({str(left)!r})
part.touch()
tell(event="begun")
sys.stdin.read()
part.unlink()
exit(130)"""
    done = Heard("begun").run(code)
    assert (done.cancelled, done.status, done.problem) == (True, 130, "")
    assert not left.exists()


def test_cancel_kills_a_child_that_does_not_listen() -> None:
    code = 'import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntell(event="begun")\ntime.sleep(600)'
    done = Heard("begun").run(code, grace=0.2)
    assert (done.cancelled, done.status) == (True, -signal.SIGKILL)


def test_a_grandchild_that_holds_the_streams_does_not_hold_the_run() -> None:
    code = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    heard = Heard()
    assert heard.run(code).status == 0


def test_a_callback_that_raises_leaves_no_child() -> None:
    def raise_it(event: worker.Event) -> None:
        pids.append(event["pid"])
        raise ZeroDivisionError

    pids: list[int] = []
    code = 'import os, time\ntell(event="begun", pid=os.getpid())\ntime.sleep(600)'
    with pytest.raises(ZeroDivisionError):
        worker.run(
            [sys.executable, "-c", EVENT + code],
            raise_it,
            print,
            lambda: False,
            child_environment(),
        )
    assert not is_running(pids[0])


def test_a_program_that_is_not_there() -> None:
    with pytest.raises(worker.CannotStart, match="no-such-program"):
        worker.run(["no-such-program"], print, print, lambda: False, child_environment())


def test_much_output_is_heard_to_the_end() -> None:
    heard = Heard()
    done = heard.run('for i in range(5_000): tell(event="progress", i=i)\nprint("x" * 200_000)')
    assert done.status == 0
    assert [event["i"] for event in heard.events] == list(range(5_000))
    assert len(heard.lines[0]) == 200_000


@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_the_engine_ends_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    """A parent runs `worker.run` on a child that watches stdin, as the engine does, and is
    killed.
    """
    part, child = tmp_path / "part", tmp_path / "child.py"
    child.write_text(f"""
import json, os, pathlib
from geoseg.cli.report import stop_on_signals, watch_stdin
import time
part = pathlib.Path({str(part)!r})
part.write_text(str(os.getpid()))
with stop_on_signals():
    watch_stdin()
    try:
        print(json.dumps({{"event": "begun"}}), flush=True)
        time.sleep(600)
    finally:
        part.unlink()
""")
    code = f"""
import sys
sys.path[:0] = {[str(Path(worker.__file__).parents[1])]!r}
from geoseg_qgis import worker
environment = {{**worker.os.environ, "PYTHONPATH": {str(Path(__file__).parents[2])!r}}}
worker.run([sys.executable, {str(child)!r}], lambda event: print(json.dumps(event), flush=True), print, lambda: False,
           environment)
"""
    with subprocess.Popen(
        [sys.executable, "-c", EVENT + code], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert json.loads(parent.stdout.readline()) == {"event": "begun"}
        pid = int(part.read_text())
        parent.kill()
        parent.wait()
        while is_running(pid):  # the whole suite's limit is the limit
            time.sleep(0.05)
    assert not part.exists()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
