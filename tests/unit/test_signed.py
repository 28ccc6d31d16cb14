"""Secrets of addresses are kept apart from the plan of a batch, and found again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoseg.core.errors import InputError, OutputError
from geoseg.core.signed import keep_address, plain_address, whole_address
from geoseg.raster.locations import gdal_name


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEOSEG_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


ADDRESSES = (
    "https://user:SECRET@h/a.tif",
    "https://h/a.tif?X-Amz-Signature=SECRET&X-Amz-Expires=9",
    "https://h/get?id=7&token=SECRET",
    "/vsicurl/https://h/a.tif?sig=SECRET",
    "https://h/a.tif?SECRET",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_found_again_by_its_key(cache: Path, address: str) -> None:
    plain = keep_address(address)
    assert "SECRET" not in plain
    assert plain == plain_address(address) == keep_address(plain)
    assert whole_address(plain) == address
    (kept,) = (cache / "addresses").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    kept.unlink()
    assert whole_address(plain) == plain
    with pytest.raises(InputError, match="not known on this machine"):
        gdal_name(plain)


def test_an_address_that_is_signed_anew_keeps_its_key(cache: Path) -> None:
    old = keep_address("https://h/get?id=7&sig=OLD&se=2026")
    new = keep_address("https://h/get?id=7&sig=NEW&se=2027")
    assert old == new
    assert whole_address(old) == "https://h/get?id=7&sig=NEW&se=2027"
    assert keep_address("https://h/get?id=8&sig=NEW&se=2027") != new


@given(st.text(max_size=30))
def test_what_holds_no_secret_stays_as_it_is(text: str) -> None:
    assert plain_address(f"/data/{text.replace('?', '').replace('=', '')}")[:6] == "/data/"
    assert plain_address("s3://bucket/a.tif") == "s3://bucket/a.tif"
    assert whole_address(text) == text


def test_where_nothing_can_be_kept_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOSEG_CACHE", "")
    with pytest.raises(OutputError, match="set GEOSEG_CACHE") as told:
        keep_address("https://h/a.tif?sig=SECRET")
    assert "SECRET" not in str(told.value)
