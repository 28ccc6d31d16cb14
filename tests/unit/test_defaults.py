"""Defaults from a file: as if they had been typed, and nothing else is taken from it."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasters import reflectances, write

import geoseg
from geoseg.cli import COMMANDS, commands_named, load_command, run
from geoseg.cli.command import Command
from geoseg.cli.defaults import Defaults, file_of_defaults, refusal, settable
from geoseg.cli.parameters import RunOption
from geoseg.core.errors import GeosegError, InputError
from geoseg.core.provenance import TAG, read_provenance
from geoseg.raster.compare import tags_in

WORDS = st.text("abcXYZ019 ./-_äé가'\\\"#[]\n\t", min_size=1, max_size=12)
LISTED = ("N,N,...", "W,W,...", "PX,PX", "V,V,...")
CASES = [
    (name, command, option)
    for name, command in commands_named()
    for option in settable(command)
    if option.opts != ["--config"] and name != "config"
]


def numbers(kind: click.ParamType) -> st.SearchStrategy[Any]:
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    if isinstance(kind, click.types.IntParamType):
        return st.integers(-1000 if low is None else low, 1000 if high is None else high)
    return st.floats(-1e9 if low is None else low, 1e9 if high is None else high, allow_nan=False)


def values(option: click.Option) -> st.SearchStrategy[Any]:
    if option.is_flag:
        return st.just(True)
    if isinstance(option.type, click.Choice):
        return st.sampled_from([str(choice) for choice in option.type.choices])
    if isinstance(option.type, click.types.IntParamType | click.types.FloatParamType):
        return numbers(option.type)
    if option.metavar in LISTED:
        return st.lists(st.integers(1, 9), min_size=1, max_size=3)
    if option.multiple:
        return st.lists(WORDS, min_size=1, max_size=3)
    return WORDS | st.integers(0, 99) | st.floats(0, 1)


def typed(option: click.Option, value: Any) -> list[str]:
    if option.is_flag:
        return [option.opts[0]]
    several = value if isinstance(value, list) and option.multiple else [value]
    texts = [",".join(map(str, one)) if isinstance(one, list) else str(one) for one in several]
    return [f"{option.opts[0]}={text}" for text in texts]


def toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def outcome(name: str, command: click.Command, args: list[str]) -> dict[str, Any] | str:
    """What a command is called with, or the error."""
    context = click.Context(click.Group("geoseg"), info_name="geoseg")
    *groups, last = name.split()
    for word in groups:
        context = click.Context(click.Group(word), parent=context, info_name=word)
    try:
        return command.make_context(last, list(args), parent=context).params
    except (GeosegError, click.UsageError) as error:
        text = error.found if isinstance(error, GeosegError) else error.format_message()
        return text.partition(" (--")[0].rstrip(".")


def needed(command: click.Command, but: click.Option) -> list[str]:
    args = []
    for param in command.params:
        if isinstance(param, click.Argument) and param.required:
            kind = param.type
            args.append(str(kind.choices[0]) if isinstance(kind, click.Choice) else "x")
        elif param.required and param is not but:
            kind = param.type
            first = kind.choices[0] if isinstance(kind, click.Choice) else "x"
            args.append(f"{param.opts[0]}={first}")
    return args


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("defaults") / "config.toml"


def example(option: click.Option) -> Any:
    """A value that the option takes, or that both ways refuse alike."""
    if option.is_flag:
        return True
    if isinstance(option.type, click.Choice):
        return str(option.type.choices[-1])
    if isinstance(option.type, click.types.IntParamType | click.types.FloatParamType):
        low = getattr(option.type, "min", None)
        return 3 if low is None else low
    return [1, 2] if option.metavar in LISTED else "äé '\"\\b"


@pytest.mark.parametrize("name", sorted({name for name, *_ in CASES}))
def test_of_every_option_a_file_is_as_good_as_the_command_line(name: str, file: Path) -> None:
    for called, command, option in CASES:
        if called == name:
            same_as_typed(name, command, option, file, example(option), option.opts[0][2:])


@given(st.sampled_from(CASES), st.booleans(), st.data())
def test_of_any_value_a_file_is_as_good_as_the_command_line(
    file: Path, case: tuple[str, click.Command, click.Option], plain: bool, data: st.DataObject
) -> None:
    name, command, option = case
    key = option.opts[0][2:].replace("-", "-" if plain else "_")
    same_as_typed(name, command, option, file, data.draw(values(option)), key)


def same_as_typed(
    name: str, command: click.Command, option: click.Option, file: Path, value: Any, key: str
) -> None:
    section = ".".join(name.removesuffix(" run").split())
    file.write_text(f"[{section}]\n{key} = {toml(value)}\n", encoding="utf-8")
    usual = [*needed(command, option), f"--config={file}"]
    bare = [*needed(command, option), "--config="]
    by_hand = outcome(name, command, [*bare, *typed(option, value)])
    assert outcome(name, command, usual) == by_hand
    # and what is typed wins, whatever the file says
    file.write_text(f"[{section}]\n{key} = {toml(example(option))}\n", encoding="utf-8")
    assert outcome(name, command, [*usual, *typed(option, value)]) == by_hand


@pytest.mark.parametrize("name", ["predict", "batch run", "vectorize", "check", "evaluate"])
def test_the_section_of_all_commands_reaches_the_options_of_a_run(name: str, file: Path) -> None:
    command = dict(commands_named())[name]
    file.write_text('[all]\nmin-area = 7\nmax_memory = "1GB"\nquiet = true\n', encoding="utf-8")
    params = outcome(name, command, [*needed(command, command.params[0]), f"--config={file}"])
    assert isinstance(params, dict)
    assert params["quiet"] is True
    assert params.get("min_area", 7) == 7
    assert params.get("max_memory", "1GB") == "1GB"
    # a command's own section comes before it, and evaluate's options for a model are its own
    file.write_text(
        f"[all]\ntile = 64\n[{name.split(maxsplit=1)[0]}]\nquiet = true\n", encoding="utf-8"
    )
    params = outcome(name, command, [*needed(command, command.params[0]), f"--config={file}"])
    assert isinstance(params, dict)
    assert params.get("tile") == (64 if name in ("predict", "batch run") else None)


def test_each_option_is_taken_or_refused_with_a_reason() -> None:
    for name, command in commands_named():
        for option in command.params:
            if not isinstance(option, click.Option) or option.hidden or name == "config":
                continue
            named = str(option.metavar)
            output = "FILE" in named and option.name in ("out", "report", "page", "chart", "export")
            if option.opts[0] in ("--out", "--out-dir", "--overwrite", "--force") or output:
                assert refusal(option), (name, option.name)
            if isinstance(option, RunOption) and option.name not in ("overwrite", "force"):
                assert not refusal(option), (name, option.name)


def test_all_commands_read_it_and_refuse_what_is_given_twice() -> None:
    others = {name for name, command in commands_named() if not isinstance(command, Command)}
    assert others == {"config", "completion", "options"}
    without = {name for name, command in commands_named() if not settable(command)}
    assert without == {"models path", "models remove", "options", "completion"}


WRONG = [
    ("[predict]\nmin-aera = 5", 2, "min-aera is no option of geoseg predict", "min-area, which is"),
    ("# x\n\n[predcit]\ntile = 5", 3, "predcit is no command of geoseg", "predict, which is near"),
    ("tile = 5", 1, "tile stands in no section", "[all] or [COMMAND]"),
    ("[all]\nretries = 5", 2, "retries is no option of a run", "in its section"),
    ('[predict]\nmin-area = "5"', 2, "min-area = '5'", "a number"),
    ("[predict]\nsquare = 1", 2, "square = 1", "true or false"),
    ("[predict]\ntile = true", 2, "tile = True", "a number"),
    ("[predict]\ntta = [1]", 2, "tta = [1]", "text"),
    ("[predict]\ncrs = 2026-12-01", 2, "crs = datetime.date", "text"),
    ("[predict]\nbands = []", 2, "bands = []", "text"),
    ("[predict]\nmin_area = 1\nmin-area = 2", 3, "min-area and min_area", "one of them"),
    ('[predict]\nout = "a.tif"', 2, "--out is not taken from a file", "one run"),
    ("[predict]\noverwrite = true", 2, "--overwrite is not taken", "decided at each run"),
    ("[all]\nforce = true", 2, "--force is not taken", "decided at each run"),
    ("[check]\njson = true", 2, "--json is not taken", "in which form"),
    ('[batch]\nstac = "https://x"', 2, "--stac is not taken", "one run"),
    ('[predict]\naoi = "https://a:b@c/x.gpkg"', 2, "--aoi is not taken", "a secret"),
    ('[predict]\naoi = "/vsicurl?x=1&sig=abc"', 2, "--aoi is not taken", "a secret"),
    ("[predict.x]\ntile = 5", 1, "x is no command of geoseg predict", ""),
    ("[predict]\nconfig = 'x'", 2, "--config is not taken", "names no other"),
]


@pytest.mark.parametrize(("text", "line", "found", "more"), WRONG)
def test_what_is_wrong_is_told_with_its_line(
    text: str, line: int, found: str, more: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text, encoding="utf-8")
    name = text.partition("[")[2].partition("]")[0].partition(".")[0]
    command = name if name in COMMANDS else "predict"
    usual = {"predict": "x.tif --out y.tif", "batch": "x.tif --out-dir y"}.get(command, "x.tif")
    for arguments in (
        [command, *usual.split(), "--config", str(file)],
        ["config", "--config", str(file)],
    ):
        assert run(arguments) == 2
        told = capsys.readouterr().err
        assert told.startswith(f"geoseg: error: {file}, line {line}: {found}"), told
        assert more in told
        assert "abc" not in told


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[predict]\nmin-area = -3", "--min-area -3"),
        ("[predict]\nmajority = 4", "--majority 4"),
        ('[predict]\ngsd = "large"', "--gsd large"),
        ("[predict]\ntile = 1.5", "--tile"),
        ("[predict]\nfill-nodata = true", "--fill-nodata without"),
        ("[predict]\nthreshold = 2", "--threshold 2"),
        ('[predict]\nbands = "a,b"', "--bands a,b"),
    ],
)
def test_values_that_an_option_does_not_take_are_told_with_their_line(
    text: str, found: str, file: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file.write_text(text, encoding="utf-8")
    out = str(tmp_path / "y.tif")
    for arguments in (["predict", "x.tif", "--out", out], ["config"]):
        assert run([*arguments, "--config", str(file)]) == 2
        told = capsys.readouterr().err.splitlines()[-1]
        assert found in told
        assert f"{file}, line 2" in told
    with pytest.raises(InputError, match="line 2"):
        geoseg.read_defaults("predict", file)
    # where it is typed, the file is not to blame
    option = "--" + text.split("\n")[1].partition(" ")[0]
    if option != "--fill-nodata":
        assert (
            run(["predict", "x.tif", "--out", out, f"{option}=nonsense", "--config", str(file)])
            == 2
        )
        assert "line 2" not in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    "data", [b"[predict\n", b"\xff\xfe", b"x = 1\nx = 2", b"[a" * 3000, b"x = " + b"9" * 5000]
)
def test_what_is_no_toml_is_refused_and_help_is_there(
    data: bytes, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(data)
    assert run(["predict", "x.tif", "--out", "y.tif", "--config", str(file)]) == 2
    assert f"{file} is no TOML" in capsys.readouterr().err
    assert run(["predict", "--config", str(file), "--help"]) == 0
    assert "--min-area" in capsys.readouterr().out
    file.write_bytes(b"#" * (1 << 21))
    assert run(["check", "x.tif", "--config", str(file)]) == 2
    assert "has more than" in capsys.readouterr().err


@given(st.lists(st.tuples(st.sampled_from(["all", "predict", "batch.merge", "'x y'"]), st.lists(
    st.tuples(st.text("abc", min_size=1, max_size=3), st.sampled_from(
        ["1", "'x'", '"""\n[all]\na = 1\n"""', "[\n1,\n\n2 ]", "true # a = 2", "'''\n\n'''"])),
    min_size=1, max_size=4, unique_by=lambda pair: pair[0])),
    min_size=1, max_size=3, unique_by=lambda pair: pair[0]))  # fmt: skip
def test_lines_are_those_where_keys_begin(parts: list[tuple[str, list[tuple[str, str]]]]) -> None:
    lines: list[str] = []
    where = {}
    for section, pairs in parts:
        lines += ["", "# c", f"[{section}]"]
        for key, value in pairs:
            where[(*section.replace("'", "").split("."), key)] = len(lines) + 1
            lines += [*f"{key} = {value}".split("\n"), "# d"]
    text = "\n".join(lines)
    found = Defaults(Path("x"), text, tomllib.loads(text))
    assert {keys: found.line(*keys) for keys in where} == where


def test_which_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GEOSEG_CONFIG", "")
    assert file_of_defaults(None) is None
    monkeypatch.setenv("GEOSEG_CONFIG", str(tmp_path / "none.toml"))
    assert run(["check", "x.tif"]) == 2
    assert "GEOSEG_CONFIG" in capsys.readouterr().err
    monkeypatch.delenv("GEOSEG_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    assert file_of_defaults(None) is None
    assert run(["config", "init"]) == 0
    made = Path(capsys.readouterr().out.strip())
    assert made == tmp_path / "home" / "geoseg" / "config.toml"
    assert file_of_defaults(None) == made
    assert run(["config", "init"]) == 2
    assert "exists" in capsys.readouterr().err
    named = tmp_path / "other.toml"
    named.write_text("[predict]\ntile = 64\n")
    monkeypatch.setenv("GEOSEG_CONFIG", str(named))
    assert geoseg.read_defaults() == {"tile": 64}
    assert file_of_defaults("") is None
    with pytest.raises(InputError, match=r"--config .* is no file"):
        file_of_defaults(str(tmp_path / "none.toml"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="pipe"):
        file_of_defaults(str(tmp_path / "pipe"))
    # a file in the folder where geoseg is started sets nothing
    monkeypatch.setenv("GEOSEG_CONFIG", "")
    (tmp_path / "geoseg.toml").write_text("[predict]\ntile = 64\n")
    monkeypatch.chdir(tmp_path)
    assert geoseg.read_defaults() == {}


def uncommented(text: str) -> Iterator[str]:
    """The lines of a file that `config init` wrote, with all that has a value switched on."""
    for line in text.splitlines():
        entry = line.removeprefix("# ")
        key, equals, value = entry.partition(" = ")
        plain = (
            line.startswith("# ") and equals and re.fullmatch("[a-z-]+", key) and "#" not in value
        )
        yield entry if plain else line


def test_a_file_to_begin_with_holds_the_defaults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new" / "config.toml"
    assert run(["config", "init", "--config", str(path)]) == 0
    assert capsys.readouterr().out.strip() == str(path)
    text = path.read_text(encoding="utf-8")
    assert "\nmin-area" not in text
    assert run(["config", "--config", str(path)]) == 0
    assert capsys.readouterr().out.strip() == f"the file of defaults: {path}"
    path.write_text("\n".join(uncommented(text)), encoding="utf-8")
    assert "\nmin-area = 0.0\n" in path.read_text(encoding="utf-8")
    assert run(["config", "--json", "--config", str(path)]) == 0
    found = json.loads(capsys.readouterr().out)["commands"]
    set_ = [each for options in found.values() for each in options if each["from"] != "default"]
    assert len(set_) > 120
    assert run(["config", "--json", "--config="]) == 0
    bare = json.loads(capsys.readouterr().out)["commands"]
    assert found.keys() == bare.keys()
    for name, options in found.items():
        for each, other in zip(options, bare[name], strict=True):
            was = str(other["value"]) if other["value"] is not None else "None"
            assert str(each["value"]) == was, (name, each)


def test_config_shows_what_holds(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(
        '[all]\nmin-area = 5\n\n[predict]\nmodel = ["a", "b"]\nmin-area = 500\nstrict = true\n'
    )
    assert run(["config", "--config", str(file)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["predict", "--min-area", "500", "line", "6,", "[predict]"] in lines
    assert ["predict", "--model", "a,b", "line", "5,", "[predict]"] in lines
    assert ["predict", "--strict", "on", "line", "7,", "[predict]"] in lines
    assert ["vectorize", "--min-area", "5", "line", "2,", "[all]"] in lines
    assert run(["config", "--of", "batch", "--config", str(file)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["--min-area", "5", "line", "2,", "[all]"] in lines
    assert ["--overlap-policy", "blend", "default"] in lines
    assert run(["config", "--of", "nothing"]) == 2
    assert run(["config", "--path", "--config", str(file)]) == 0
    assert capsys.readouterr().out.strip() == str(file)
    assert run(["predict", "--help", "--config", str(file)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"[{file.name}, line 6: --min-area 500]" in told


@pytest.mark.parametrize("command", ["predict", "vectorize", "batch", "models export", "label"])
def test_an_option_with_one_value_is_not_given_twice(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    option = "--out-dir" if command == "batch" else "--out"
    assert run([*command.split(), "x", option, "a.tif", f"{option}=b.tif"]) == 2
    assert f"{option} is given 2 times, and takes one value" in capsys.readouterr().err


def test_what_may_be_given_several_times_still_may(capsys: pytest.CaptureFixture[str]) -> None:
    predict = load_command("predict")
    params = outcome(
        "predict", predict, ["x", "--out=a", "--model=b", "--model=c", "--quiet", "--quiet"]
    )
    assert isinstance(params, dict)
    assert params["model"] == ("b", "c")
    assert run(["predict", "x", "--out", "a.tif", "--largest", "5", "--max-tile", "6"]) == 2
    assert "--largest beside --max-tile" in capsys.readouterr().err


def test_a_map_says_what_it_was_made_with(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = write(tmp_path / "scene.tif", reflectances(3, 40, 40), ("B02", "B03", "B04"))
    file.write_text('[all]\ncompress = "deflate"\n[predict]\nmodel = "landcover-s2-rgb"\n')
    maps = []
    typed_ = ["--compress", "deflate", "--model", "landcover-s2-rgb"]
    for name, more in (("file", ["--config", str(file)]), ("typed", typed_)):
        maps.append(str(tmp_path / f"{name}.tif"))
        assert run(["predict", scene, "--out", maps[-1], "--force", *more]) == 0
        told = capsys.readouterr().err
        note = f"from {file}: --compress deflate"
        assert (note in told) == (name == "file"), told
    first, second = (read_provenance(tags_in(path)[TAG], path) for path in maps)
    assert first.options["compress"] == "deflate"
    assert first.options == second.options
    # it is made again as it was, whatever the file says by now
    file.write_text('[all]\ncompress = "zstd"\n')
    monkeypatch.setenv("GEOSEG_CONFIG", str(file))
    assert run(["rerun", maps[0]]) == 0
    assert "equal, byte for byte" in capsys.readouterr().out
