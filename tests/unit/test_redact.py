"""What addresses keep secret is told nowhere: not in errors, events, logs, tags, ledgers,
reports.
"""

from __future__ import annotations

import json
from pathlib import Path

import commands
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasters import colours, write

from geoseg.cli import run
from geoseg.core.errors import InputError
from geoseg.core.events import Failed, Noted, Warned, to_line
from geoseg.core.redact import redact, without_secrets
from geoseg.raster import patience


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://user:p@ss@h.org/a.tif: no", "https://***@h.org/a.tif: no"),
        ("https://h.org/a.tif?token=S3&x=1, b.tif", "https://h.org/a.tif?token=***&x=***, b.tif"),
        ("/vsicurl/https://h.org/a?sv=1&sig=AB%2F=", "/vsicurl/https://h.org/a?sv=***&sig=***"),
        ("/vsicurl?url=https%3A%2F%2Fh%2Fa%3Fsig%3DX", "/vsicurl?url=***"),
        (
            "https://h/a?X-Amz-Credential=A/2&X-Amz-Signature=0f",
            "https://h/a?X-Amz-Credential=***&X-Amz-Signature=***",
        ),
        ('<a href="https://h/a?x=1&amp;sig=2">', '<a href="https://h/a?x=***&amp;sig=***">'),
        ("https://h/a?opaque", "https://h/a?***"),
        ('PG:"host=h password=hunter2 dbname=d"', 'PG:"host=h password=*** dbname=d"'),
        ("PG:host=h password='two words' dbname=d", "PG:host=h password=*** dbname=d"),
        (r"PG:password='it\'s mine' dbname=d", "PG:password=*** dbname=d"),
        (r"'PG:password=\'two words\' dbname=d'", "'PG:password=*** dbname=d'"),
        ("AWS_SECRET_ACCESS_KEY=zzz", "AWS_SECRET_ACCESS_KEY=***"),
        ("a.tif?b, x = 5; see `geoseg --help`", "a.tif?b, x = 5; see `geoseg --help`"),
        ("https://h.org/plain.tif", "https://h.org/plain.tif"),
        ("b.tif?X-Amz-Signature=0f, band 1: no", "b.tif?X-Amz-Signature=***, band 1: no"),
        ("with url: /page?key=S3 (refused)", "with url: /page?key=*** (refused)"),
    ],
)
def test_what_is_secret_is_hidden(text: str, told: str) -> None:
    assert redact(text) == told
    assert redact(told) == told


@given(
    st.text(),
    st.text("abcXYZ019%._~-", min_size=3).filter(lambda s: s not in "token" and s.strip("*")),
)
def test_no_value_of_a_query_stays(before: str, secret: str) -> None:
    marked = f"Q{secret}Q"
    assert marked not in redact(f"{before} https://h/a.tif?token={marked}")
    assert marked not in redact(f"https://u:{marked}@h/a.tif {before}")


@pytest.mark.parametrize("secret", ["p\u00e4ss", "\u00e4", "1\u00e4", "\U0001f511x"])
def test_letters_beyond_ascii_hide_no_secret_in_json(secret: str) -> None:
    plain = f"https://me:{secret}@h/a.tif?sig={secret}"
    for text, told in (
        (plain, "https://***@h/a.tif?sig=***"),
        (f"password={secret}", "password=***"),
        (f"a.tif?sig={secret}", "a.tif?sig=***"),
    ):
        once = json.dumps({"scene": text})
        twice = json.dumps(once)
        assert json.loads(redact(once)) == {"scene": told}
        assert json.loads(json.loads(redact(twice))) == {"scene": told}


def test_of_an_address_nothing_secret_stays_in_any_words() -> None:
    address = "https://me:pass@h.org/a.tif?opaque&sig=signature"
    told = "a.tif?opaque: me said 'pass', and signature (sig=signature)"
    assert without_secrets(told, address) == "a.tif?***: me said '***', and *** (***)"


def test_errors_and_events_tell_no_secret() -> None:
    address = "https://u:SECRET@h/a.tif?sig=SECRET"
    error = InputError(address, address, address)
    assert "SECRET" not in repr(error) + str(error)
    for event in (Noted(address), Warned(address), Failed("x", address, 1, address, address)):
        assert "SECRET" not in to_line(event) + repr(event)


@pytest.mark.process
def test_no_command_tells_the_secret_of_an_address(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSES", (0.01,))  # nothing will ever answer there
    monkeypatch.setenv("GDAL_HTTP_RETRY_DELAY", "0.01")
    address = "http://u:SECRET@127.0.0.1:9/a.tif?token=SECRET&X-Amz-Signature=SECRET"
    out = tmp_path / "maps"
    for words in (
        ["predict", address, "--out", str(tmp_path / "x.tif"), "--debug"],
        ["vectorize", address, "--out", str(tmp_path / "x.gpkg")],
        ["evaluate", address, address],
        ["sample", address, "--points", "9"],
        ["batch", "status", str(out)],
    ):
        if words[0] == "batch":
            done = commands.run("batch", address, "--out-dir", out, "--retries", "0")
            assert "SECRET" not in done.stdout + done.stderr
        run(words)
    told = "".join(capfd.readouterr())
    told += commands.run("predict", address, "--out", tmp_path / "x.tif", "--events").stdout
    assert "a.tif?token=***" in told
    assert "SECRET" not in told
    holding = [path for path in out.rglob("*") if path.is_file() and b"SECRET" in path.read_bytes()]
    assert not holding
    assert not any("SECRET" in path.name for path in out.rglob("*"))


def test_tags_keep_what_is_no_secret(tmp_path: Path) -> None:
    scene = write(tmp_path / "scene.tif", colours(40, 40), photometric="RGB")
    aoi = "POLYGON ((500000 5000000, 500300 5000000, 500300 4999700, 500000 5000000))"
    words = ["predict", scene, "--force", "--model", "landcover-rgb", "--aoi", aoi]
    assert run([*words, "--out", str(tmp_path / "map.tif")]) == 0
    with rasterio.open(tmp_path / "map.tif") as raster:
        assert aoi in raster.tags()["geoseg_provenance"]  # what is no secret stays
