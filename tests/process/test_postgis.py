"""Polygons into a real PostGIS: whole or not at all, under any name, and no password in any text."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from bundles import make_bundle
from commands import environment
from postgis import LOCKED, address, binaries, server
from rasterio import Affine
from rasters import write

import geoseg
from geoseg.cli import run
from geoseg.core.errors import InputError
from geoseg.vector.postgis import read_table

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.skipif(
    binaries() is None, reason="PostgreSQL with PostGIS is not installed"
)
SECRET = "p%40ss#w0rd"  # as an address has it, and with a # that means nothing
PLAIN = "p@ss#w0rd"


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with server() as folder:
        with psycopg.connect(address(folder, database="postgres"), autocommit=True) as main:
            main.execute("CREATE DATABASE maps")
            main.execute("CREATE DATABASE bare")
            main.execute("CREATE ROLE reader LOGIN")
            main.execute(f"CREATE ROLE {LOCKED} LOGIN PASSWORD '{PLAIN}'")
        with psycopg.connect(address(folder), autocommit=True) as maps:
            maps.execute("CREATE EXTENSION postgis")
            maps.execute('CREATE SCHEMA "land cover"')
            maps.execute(f"CREATE SCHEMA own AUTHORIZATION {LOCKED}")
        yield folder


@pytest.fixture
def classes(tmp_path: Path) -> str:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 3, (1, 40, 50)).astype(np.uint8).repeat(3, 1).repeat(3, 2)
    return write(tmp_path / "c.tif", pixels)


def query(folder: Path, text: str, *values: object) -> list[tuple]:
    with psycopg.connect(address(folder), autocommit=True) as connection:
        cursor = connection.execute(text, values or None)
        return cursor.fetchall() if cursor.description else []


def tables(folder: Path) -> set[tuple[str, str]]:
    return set(query(
        folder,
        "SELECT nspname::text, relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE relkind IN ('r', 'v') AND nspname IN ('public', 'land cover', 'own') "
        "AND NOT relname IN ('spatial_ref_sys', 'layer_styles', 'geometry_columns', 'geography_columns')",
    ))  # fmt: skip


@pytest.fixture(autouse=True)
def clean(place: Path) -> Iterator[None]:
    yield
    for schema, table in tables(place):
        name = psycopg.sql.Identifier(schema, table).as_string()
        with psycopg.connect(address(place), autocommit=True) as connection:
            kind = connection.execute(
                "SELECT relkind::text FROM pg_class WHERE oid = %s::regclass", (name,)
            ).fetchone()
            if kind:
                connection.execute(f"DROP {'VIEW' if kind[0] == 'v' else 'TABLE'} {name} CASCADE")


def test_the_rows_are_those_of_the_geopackage(place: Path, classes: str, tmp_path: Path) -> None:
    out = tmp_path / "map.gpkg"
    assert run(["vectorize", classes, "--out", str(out)]) == 0
    assert run(["vectorize", classes, "--out", address(place, table="map")]) == 0
    table = pyogrio.read_dataframe(out, layer="map")
    names = ", ".join(f'"{name}"' for name in table.columns if name != "geometry")
    rows = query(place, f"SELECT {names}, ST_AsBinary(geom) FROM map ORDER BY fid")
    assert [row[:-1] for row in rows] == [
        tuple(values) for values in table.drop(columns="geometry").itertuples(index=False)
    ]
    assert shapely.equals(shapely.from_wkb([row[-1] for row in rows]), table.geometry.values).all()
    ((srid, valid, kind),) = query(
        place,
        "SELECT Find_SRID('public', 'map', 'geom'), bool_and(ST_IsValid(geom)), min(GeometryType(geom)) FROM map",
    )
    assert (srid, valid, kind) == (32633, True, "POLYGON")
    indices = query(place, "SELECT indexdef FROM pg_indexes WHERE tablename = 'map'")
    assert len(indices) == 2
    assert any("USING gist (geom)" in text for (text,) in indices)
    ((told,),) = query(place, "SELECT obj_description('map'::regclass)")
    assert json.loads(told)["command"] == "vectorize"
    ((style, default),) = query(
        place, "SELECT styleqml::text, useasdefault FROM layer_styles WHERE f_table_name = 'map'"
    )
    assert "categorizedSymbol" in style
    assert default
    ((metres, geodesic),) = query(
        place, "SELECT sum(area_m2), sum(ST_Area(ST_Transform(geom, 4326)::geography)) FROM map"
    )
    assert np.isclose(metres, geodesic, rtol=1e-6)  # PostGIS' own ellipsoid


@pytest.mark.parametrize(
    "name", ['a"b', "a'; DROP TABLE keep; --", "Größe 나무", "%", "x" * 63, "a.b#c", "select"]
)
def test_hostile_names_are_names(place: Path, classes: str, name: str) -> None:
    from urllib.parse import quote

    query(place, "CREATE TABLE keep (id int)")
    text = quote("land cover", safe="") + "." + quote(name, safe="").replace(".", "%2E")
    assert run(["vectorize", classes, "--out", address(place, table=text)]) == 0
    assert tables(place) == {("public", "keep"), ("land cover", name)}


def test_an_old_table_is_replaced_when_told_and_else_stays(
    place: Path, classes: str, capsys: pytest.CaptureFixture
) -> None:
    query(place, "CREATE TABLE map AS SELECT 7 AS old")
    out = address(place, table="map")
    assert run(["vectorize", classes, "--out", out]) == 2
    assert "exists already" in capsys.readouterr().err
    query(place, "CREATE VIEW seen AS SELECT old FROM map")
    assert run(["vectorize", classes, "--out", out, "--overwrite"]) == 2
    assert "view seen depends on table map" in capsys.readouterr().err
    assert run(["vectorize", classes, "--out", address(place, table="seen"), "--overwrite"]) == 2
    assert "is a view" in capsys.readouterr().err
    own = address(place, table="spatial_ref_sys")
    assert run(["vectorize", classes, "--out", own, "--overwrite"]) == 2
    assert "because extension postgis requires it" in capsys.readouterr().err
    assert query(place, "SELECT old FROM seen") == [(7,)]
    query(place, "DROP VIEW seen")
    for _ in range(2):
        assert run(["vectorize", classes, "--out", out, "--overwrite"]) == 0
    assert query(place, "SELECT count(*) > 100 FROM map") == [(True,)]
    assert query(place, "SELECT count(*) FROM layer_styles WHERE f_table_name = 'map'") == [(1,)]


def test_a_style_that_was_saved_in_qgis_stays_the_default(place: Path, classes: str) -> None:
    out = address(place, table="styled")
    assert run(["vectorize", classes, "--out", out]) == 0
    query(place, "UPDATE layer_styles SET useasdefault = false WHERE f_table_name = 'styled'")
    query(place, "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, stylename, styleqml, useasdefault) "
                 "VALUES ('maps', 'public', 'styled', 'mine', '<qgis/>', true)")  # fmt: skip
    assert run(["vectorize", classes, "--out", out, "--overwrite"]) == 0
    rows = query(
        place,
        "SELECT stylename, useasdefault FROM layer_styles WHERE f_table_name = 'styled' ORDER BY 1",
    )
    assert rows == [("geoseg", False), ("mine", True)]


def test_whose_rights_are_not_enough(
    place: Path, classes: str, capsys: pytest.CaptureFixture
) -> None:
    query(place, "CREATE TABLE map AS SELECT 7 AS old; GRANT CREATE ON SCHEMA \"land cover\" TO reader;"
                 "GRANT USAGE ON SCHEMA \"land cover\" TO reader; REVOKE CREATE ON SCHEMA public FROM PUBLIC, reader")  # fmt: skip
    assert (
        run(["vectorize", classes, "--out", address(place, "reader", table="map"), "--overwrite"])
        == 2
    )
    assert "no right to make tables" in capsys.readouterr().err
    query(place, 'ALTER TABLE map SET SCHEMA "land cover"')
    out = address(place, "reader", table="land%20cover.map")
    assert run(["vectorize", classes, "--out", out, "--overwrite"]) == 2
    assert "belongs to somebody else" in capsys.readouterr().err
    query(place, "DROP TABLE IF EXISTS layer_styles")
    assert (
        run(["vectorize", classes, "--out", address(place, "reader", table="land%20cover.mine")])
        == 0
    )
    assert "warning: the style for QGIS could not be put" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("made", "match"),
    [
        ({"database": "bare", "table": "map"}, "has no PostGIS"),
        ({"database": "none", "table": "map"}, "does not exist"),
        ({"table": "nowhere.map"}, "no such schema"),
        ({"user": "stranger", "table": "map"}, 'role "***" does not exist'),
    ],
)
def test_what_cannot_be_is_said_before_the_run(
    place: Path, tmp_path: Path, made: dict, match: str, capsys: pytest.CaptureFixture
) -> None:
    # the raster is not there, either: the database is asked first
    assert run(["vectorize", str(tmp_path / "none.tif"), "--out", address(place, **made)]) in (1, 2)
    assert match in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://h/d",
        "postgresql://h/d#",
        "postgresql://h/d#a.b.c",
        f"postgresql://u:{SECRET}@h/d",
    ],
)
def test_an_address_without_a_table(text: str, capsys: pytest.CaptureFixture) -> None:
    assert run(["vectorize", "c.tif", "--out", text]) == 2
    said = capsys.readouterr().err
    assert "w0rd" not in said
    assert "does not end in a table" in said


def as_locked(place: Path, table: str, secret: str = "") -> str:
    there = address(place, LOCKED, table=table)
    return there.replace(f"{LOCKED}@", f"{LOCKED}:{secret}@") if secret else there


def test_no_password_is_told(place: Path, classes: str, capfd: pytest.CaptureFixture) -> None:
    good = as_locked(place, "own.quiet", SECRET)
    wrong = as_locked(place, "own.quiet", f"{SECRET}x")
    for out, works in (
        (good, True),
        (wrong, False),
        (as_locked(place, "nowhere.quiet", SECRET), False),
        (good.replace("#own.quiet", ""), False),
    ):
        for more in ((), ("--debug", "--events")):
            assert (run(["vectorize", classes, "--out", out, "--overwrite", *more]) == 0) == works
    assert run(["rerun", good]) == 2
    assert run(["rerun", classes, "--out", good]) == 2
    assert (
        run(["batch", classes, "--out-dir", str(Path(classes).parent / "b"), "--merge", good]) == 2
    )
    said = "".join(capfd.readouterr())
    said += str(query(place, "SELECT obj_description('own.quiet'::regclass)"))
    said += repr(read_table(good))
    assert "quiet" in said
    assert 'password authentication failed for user "***"' in said
    assert "w0rd" not in said
    assert "ss#w" not in said


@pytest.mark.parametrize(
    "text",
    [
        "u:w0rd/x@127.0.0.1:1/d#t",
        "u:w0rd?x@127.0.0.1:1/d#t",
        "u:w0rd x@127.0.0.1:1/d#t",
        "u:%w0rd@127.0.0.1:1/d#t",
        "u:w0rd@x@127.0.0.1:1/d#t",
        "127.0.0.1?user=w@w&password=w0rd#t",
        "127.0.0.1:1/d?password=w0rd#t",
    ],
)
def test_passwords_that_are_not_escaped_are_not_told(
    text: str, capsys: pytest.CaptureFixture
) -> None:
    for scheme in ("postgresql://", "POSTGRES://", "postgis://", "postgresql:"):
        assert run(["vectorize", "c.tif", "--out", f"{scheme}{text}"]) == 2
        assert run(["predict", "c.tif", "--out", f"{scheme}{text}"]) == 2
        assert run(["rerun", f"{scheme}{text}"]) == 2
    assert "w0rd" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("where", ["PGPASSWORD", "PGPASSFILE", "PGSERVICE"])
def test_passwords_are_taken_from_where_libpq_looks(
    place: Path, classes: str, tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setenv("HOME", str(tmp_path))  # no .pgpass of whoever runs this
    out = as_locked(place, "own.quiet")
    assert run(["vectorize", classes, "--out", out]) == 2
    assert "no password supplied" in capfd.readouterr().err
    file = tmp_path / "file"
    if where == "PGPASSWORD":
        monkeypatch.setenv(where, PLAIN)
    elif where == "PGPASSFILE":
        file.write_text(f"*:*:*:{LOCKED}:{PLAIN}\n")
        file.chmod(0o600)
        monkeypatch.setenv(where, str(file))
    else:
        told = {"host": place, "dbname": "maps", "user": LOCKED, "password": PLAIN}
        file.write_text("\n".join(["[there]", *(f"{k}={v}" for k, v in told.items())]))
        monkeypatch.setenv("PGSERVICEFILE", str(file))
        monkeypatch.setenv("PGSERVICE", "there")
        out = "postgresql://#own.quiet"
    assert run(["vectorize", classes, "--out", out, "--events"]) == 0
    assert tables(place) == {("own", "quiet")}
    assert "w0rd" not in "".join(capfd.readouterr())


def scene_of(folder: Path) -> tuple[str, str]:
    """A model and a scene that it fits."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (3, 10, 12)).astype(np.uint8).repeat(16, 1).repeat(16, 2)
    grid = Affine(1, 0, 500_000, 0, -1, 5_000_000)
    scene = write(folder / "scene.tif", pixels, ("red", "green", "blue"), grid)
    return str(make_bundle(folder / "model")), scene


def test_a_network_maps_into_a_table_at_every_door(
    place: Path, tmp_path: Path, capfd: pytest.CaptureFixture
) -> None:
    model, scene = scene_of(tmp_path)
    file = tmp_path / "map.gpkg"
    how = ["predict", scene, "--model", model, "--device", "cpu", "--min-area", "20"]
    assert run([*how, "--out", str(file)]) == 0
    out = as_locked(place, "own.map", SECRET)
    raster = tmp_path / "map.tif"
    capfd.readouterr()
    assert run([*how, "--out", out, "--raster", str(raster), "--events"]) == 0
    said = "".join(capfd.readouterr())
    assert "w0rd" not in said
    *_, last = map(json.loads, said.splitlines())
    assert last["summary"]["outputs"] == ["table own.map of postgresql:///maps", str(raster)]
    shapes = "SELECT class_id, round(area_m2::numeric, 6)::float, ST_AsBinary(geom) FROM own.map ORDER BY fid"
    rows = query(place, shapes)
    wanted = pyogrio.read_dataframe(file, layer="map")
    assert [row[0] for row in rows] == wanted.class_id.tolist()
    assert len(rows) > 5
    assert shapely.equals(shapely.from_wkb([row[2] for row in rows]), wanted.geometry.values).all()
    ((told,),) = query(place, "SELECT obj_description('own.map'::regclass)")
    made = json.loads(told)
    assert made["command"] == "predict"
    assert made["models"][0]["given"] == model
    assert "w0rd" not in told
    again = geoseg.predict(scene, out, model=model, device="cpu", min_area=20, overwrite=True)
    assert again.outputs == ("table own.map of postgresql:///maps",)
    assert query(place, shapes) == rows
    with pytest.raises(InputError, match="read_postgis"):
        _ = again.polygons
    with pytest.raises(InputError, match="exists already"):
        geoseg.vectorize(raster, out)
    traced = geoseg.vectorize(raster, out, overwrite=True, min_area=20)
    assert traced.count == len(query(place, shapes))
    assert "w0rd" not in repr(traced) + repr(again)
    with pytest.raises(InputError, match="one table, with all classes"):
        geoseg.predict(scene, out, model=model, layers="class")


def test_a_full_disk_leaves_the_old_table_and_keeps_the_map(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    small = place / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", str(small)]
    if os.getuid() or sys.platform != "linux" or subprocess.run(mount, check=False).returncode:
        pytest.skip("no small disk could be mounted: it takes the superuser on Linux")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    rng = np.random.default_rng(0)
    source = write(tmp_path / "c.tif", rng.integers(0, 3, (1, 200, 200)).astype(np.uint8))
    try:
        (small / "space").mkdir()
        os.chown(small / "space", place.stat().st_uid, -1)
        query(place, f"CREATE TABLESPACE small LOCATION '{small / 'space'}'")
        query(place, "GRANT CREATE ON TABLESPACE small TO locked")
        query(place, "CREATE TABLE own.map AS SELECT 7 AS old; ALTER TABLE own.map OWNER TO locked")
        query(place, "ALTER ROLE locked SET default_tablespace = small")
        out = as_locked(place, "own.map", SECRET)
        assert run(["vectorize", source, "--out", out, "--overwrite"]) == 1
        said = capsys.readouterr().err
        assert "the server's disk is full" in said
        assert query(place, "SELECT old FROM own.map") == [(7,)]
        assert tables(place) == {("own", "map")}
        kept = Path(said.partition("kept in ")[2].partition(": bring")[0])
        assert kept.is_relative_to(tmp_path)
        assert geopandas.read_parquet(kept).area.sum() == 200 * 200 * 100
    finally:
        query(place, "ALTER ROLE locked RESET default_tablespace")
        query(place, "DROP TABLESPACE IF EXISTS small")
        subprocess.run(["umount", str(small)], check=True)


def test_a_killed_run_leaves_the_old_table(place: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    source = write(tmp_path / "c.tif", rng.integers(0, 3, (1, 500, 500)).astype(np.uint8))
    query(place, "CREATE TABLE map AS SELECT 7 AS old")
    for number in (signal.SIGKILL, signal.SIGTERM):
        started = subprocess.Popen(
            [sys.executable, "-m", "geoseg", "vectorize", source, "--out", address(place, table="map"), "--overwrite", "--events"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment() | {"TMPDIR": str(tmp_path)},
        )  # fmt: skip
        assert started.stdout
        for line in started.stdout:
            if '"copy"' in line:  # rows are on their way
                started.send_signal(number)
                break
        else:
            pytest.fail("the run copied nothing")
        started.communicate()
        assert started.returncode in (-9, 143)
        deadline = time.monotonic() + 30
        while query(place, "SELECT 1 FROM pg_stat_activity WHERE application_name = 'geoseg'"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert query(place, "SELECT old FROM map") == [(7,)]
        assert tables(place) == {("public", "map")}


def test_a_lost_connection_leaves_the_old_table(place: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    source = write(tmp_path / "c.tif", rng.integers(0, 3, (1, 500, 500)).astype(np.uint8))
    query(place, "CREATE TABLE map AS SELECT 7 AS old")
    started = subprocess.Popen(
        [sys.executable, "-m", "geoseg", "vectorize", source, "--out", address(place, table="map"), "--overwrite", "--events"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip
    assert started.stdout
    for line in started.stdout:
        if '"copy"' in line:
            query(
                place,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'geoseg'",
            )
            break
    _, said = started.communicate()
    assert started.returncode in (1, 2)
    assert "table map of postgresql://" in said
    assert query(place, "SELECT old FROM map") == [(7,)]


@pytest.mark.parametrize(
    "crs", [None, "+proj=laea +lat_0=44.1 +lon_0=9.3 +datum=WGS84", 'LOCAL_CS["here",UNIT["m",1]]']
)
def test_every_crs_has_a_number(place: Path, tmp_path: Path, crs: str | None) -> None:
    pixels = np.random.default_rng(0).integers(0, 3, (1, 20, 20)).astype(np.uint8)
    source = write(tmp_path / "c.tif", pixels, (), Affine(10, 0, 1000, 0, -10, 2000), crs)
    for _ in range(2):  # the second time it is known
        assert run(["vectorize", source, "--out", address(place, table="map"), "--overwrite"]) == 0
    ((srid,),) = query(place, "SELECT Find_SRID('public', 'map', 'geom')")
    if crs is None:
        assert srid == 0
        return
    assert 910_000 <= srid < 998_999
    assert query(place, "SELECT count(*) FROM spatial_ref_sys WHERE srid = %s", srid) == [(1,)]
    if crs.startswith("+proj"):
        ((longitude, latitude),) = query(
            place,
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Transform(ST_SetSRID(ST_Point(0, 0), %s), 4326) p) q",
            srid,
        )
        assert (round(longitude, 6), round(latitude, 6)) == (9.3, 44.1)


def test_options_that_no_table_has(
    place: Path, classes: str, capsys: pytest.CaptureFixture
) -> None:
    assert (
        run(["vectorize", classes, "--out", address(place, table="map"), "--layers", "class"]) == 2
    )
    assert "one table, with all classes" in capsys.readouterr().err


def test_names_are_read_as_they_are_written() -> None:
    table = read_table("postgresql://u@h/d?sslmode=require#a%2Eb.c%23")
    assert (table.address, table.schema, table.name) == (
        "postgresql://u@h/d?sslmode=require",
        "a.b",
        "c#",
    )
    assert table.told == "table a.b.c# of postgresql://h/d"
    with pytest.raises(InputError, match="63 bytes"):
        read_table("postgresql://h/d#" + "ü" * 32)
    # --overwrite would take everybody's styles
    with pytest.raises(InputError, match="styles of all layers"):
        read_table("postgresql://h/d#public.layer_styles")
