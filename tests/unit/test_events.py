"""Events: one line of JSON each, and a report that keeps the warnings."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.errors import GeosegError, InputError, ModelError, OutputError, RunError
from geoseg.core.events import (
    Event,
    Failed,
    Finished,
    Noted,
    Progress,
    Recorder,
    Summary,
    Warned,
    bound,
    to_line,
    watch,
)

texts = st.text()
numbers = st.floats(allow_nan=False, allow_infinity=False)
summaries = st.builds(
    Summary,
    outputs=st.lists(texts).map(tuple),
    shares=st.dictionaries(texts, numbers),
    seconds=numbers,
    warnings=st.lists(texts).map(tuple),
)
events = st.one_of(
    st.builds(Noted, texts),
    st.builds(Warned, texts),
    st.builds(Progress, texts, st.integers(0), st.integers(0), numbers, texts),
    st.builds(Finished, summaries),
    st.builds(Failed, texts, texts, st.integers(0, 255), texts, texts),
)


@given(events)
def test_a_line_holds_the_whole_event(event: Event) -> None:
    line = to_line(event)
    assert len(line.splitlines()) == 1  # as any reader splits lines, U+2028 among them
    data = json.loads(line)
    assert data.pop("event") == type(event).__name__.lower()
    assert data == json.loads(json.dumps(asdict(event)))


def test_watch_passes_everything_on_and_counts_pixels() -> None:
    told: list[Event] = []
    items = list(watch([3, 4, 5], lambda item: item * 10, 120, told.append, "segment", "cpu"))
    assert items == [3, 4, 5]
    assert all(isinstance(event, Progress) for event in told)
    assert [event.done for event in told if isinstance(event, Progress)] == [0, 30, 70, 120]
    assert {(e.stage, e.total, e.device) for e in told if isinstance(e, Progress)} == {
        ("segment", 120, "cpu")
    }


def test_watch_counts_an_item_when_its_work_is_done() -> None:
    told: list[Event] = []
    for item in watch(["a"], lambda _: 1, 1, told.append, "segment"):
        assert item == "a"
        assert [event.done for event in told if isinstance(event, Progress)] == [0]


def test_a_recorder_passes_events_on_and_keeps_warnings() -> None:
    told: list[Event] = []
    recorder = Recorder(told.append)
    for event in (Noted("a"), Warned("b"), Warned("c")):
        recorder(event)
    assert told == [Noted("a"), Warned("b"), Warned("c")]
    assert recorder.warnings == ["b", "c"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (GeosegError("x"), 1),
        (RunError("x"), 1),
        (InputError("x"), 2),
        (ModelError("x"), 2),
        (OutputError("x"), 2),
    ],
)
def test_each_error_knows_its_exit_status(error: GeosegError, status: int) -> None:
    assert error.status == status


def test_an_error_says_what_was_found_expected_and_what_to_do() -> None:
    assert str(InputError("a", "b", "c")) == "a; expected b; c"
    assert str(InputError("a")) == "a"
    assert str(InputError("a", do="c")) == "a; c"


@pytest.mark.parametrize(
    ("started", "waited", "behind", "compiled", "expected"),
    [
        (0.0, 0.0, 0.0, 0.0, "device-bound"),
        (0.2, 0.5, 0.1, 0.0, "reader-bound"),
        (0.7, 0.1, 0.15, 0.0, "writer-bound"),
        (0.9, 0.01, 0.02, 0.0, "device-bound"),
        (0.1, 0.0, 0.6, 0.5, "compiler-bound"),  # the writer waited for the tracer's kernel
        (0.1, 0.0, 0.6, 0.2, "writer-bound"),
        (0.1, 0.0, 0.1, 0.7, "compiler-bound"),  # and the device for its own
    ],
)
def test_what_held_a_run_up_longest(
    started: float, waited: float, behind: float, compiled: float, expected: str
) -> None:
    assert bound(started, waited, behind, compiled) == expected
