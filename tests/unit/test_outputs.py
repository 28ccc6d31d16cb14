"""What a command writes replaces nothing but what it was told to: no input, no other layer, no
newcomer.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pyogrio
import pytest
import rasterio.shutil
from cards import S2
from commands import ROOT, environment
from commands import start as start_command
from rasters import write

from geoseg.cli import run
from geoseg.core.atomic import HOLDER, _put_new, part_folder, part_prefix, sweep
from geoseg.core.database import put_layers
from geoseg.core.errors import InputError, OutputError, RunError
from geoseg.core.events import Event, Progress
from geoseg.core.grid import Grid, Patch
from geoseg.core.worker_id import myself
from geoseg.raster.input_files import check_outputs, files_of
from geoseg.raster.sink import create_raster
from geoseg.vector.clean.cleaning import Tracing
from geoseg.vector.vectorize import vectorize

CASES = ROOT.parent / "shared" / "cases"


@pytest.fixture
def classes(tmp_path: Path) -> str:
    values = np.random.default_rng(2).integers(0, 3, (1, 40, 50)).astype(np.uint8)
    (tmp_path / "in").mkdir()
    return write(tmp_path / "in" / "c.tif", values, nodata=255)


def layers(path: Path) -> list[str]:
    return sorted(str(name) for name, kind in pyogrio.list_layers(path) if kind is not None)


def integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])


def two_layers(path: Path) -> Path:
    """A GeoPackage of somebody else's: two layers, a table without geometry, a view, a trigger,
    styles, metadata.
    """
    square = np.array(
        [
            bytes.fromhex("01" + "03000000" + "01000000" + "05000000")
            + np.array([(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)], "<f8").tobytes()
        ],
        object,
    )
    for layer in ("old", "truth"):
        pyogrio.raw.write(
            path,
            square,
            [np.array([layer], object)],
            np.array(["code"], object),
            layer=layer,
            driver="GPKG",
            geometry_type="Polygon",
            crs="EPSG:32633",
            append=path.exists(),
        )
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO notes VALUES "
            "(1, 'kept');"
            "CREATE VIEW both AS SELECT code FROM old UNION ALL SELECT code FROM truth;"
            "CREATE TRIGGER told AFTER INSERT ON notes"
            " BEGIN UPDATE notes SET text = 'told' WHERE id = 1; END;"
            "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_name TEXT,"
            " f_geometry_column TEXT, styleName TEXT, styleQML TEXT, useAsDefault BOOLEAN);"
            "INSERT INTO layer_styles (f_table_name, styleName, styleQML, useAsDefault)"
            " VALUES ('old', 'mine', '<q/>', 1);"
        )
    return path


def rest_of(path: Path, *without: str) -> list[object]:
    """All rows of all tables, and all statements, but for those of the layers named, and of the
    tables that say how a map was made.
    """
    with closing(sqlite3.connect(path)) as database:
        schema = database.execute(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type IN ('table', 'view', "
            "'trigger')"
        )
        kept = sorted(
            row
            for row in schema
            if not any(name in f"{row[0]} {row[1]}" for name in (*without, "gpkg_metadata"))
        )
        rows: list[object] = list(kept)
        for name, table, sql in kept:
            if (
                name == table
                and "VIRTUAL" not in sql
                and not name.startswith(("gpkg_", "sqlite_", "rtree_", "layer_"))
            ):
                rows += database.execute(f'SELECT * FROM "{name}"').fetchall()
        return rows


class TestInputsAreNeverReplaced:
    @pytest.fixture
    def read(self, tmp_path: Path) -> Path:
        path = tmp_path / "in" / "s.tif"
        path.parent.mkdir()
        write(path, np.ones((1, 4, 5), np.uint8))
        return path

    def names(self, read: Path) -> Iterator[str]:
        folder = read.parent
        (folder.parent / "folder").symlink_to(folder)
        (folder.parent / "link.tif").symlink_to(read)
        os.link(read, folder.parent / "hard.tif")
        rasterio.shutil.copy(str(read), str(folder.parent / "one.vrt"), driver="VRT")
        rasterio.shutil.copy(
            str(folder.parent / "one.vrt"), str(folder.parent / "two.vrt"), driver="VRT"
        )
        spaced = folder.parent / "a b%.tif"
        os.link(read, spaced)
        yield str(read)
        yield os.path.relpath(read)
        yield f"{folder}/../in/./s.tif"
        yield from map(
            str,
            (
                folder.parent / "folder" / "s.tif",
                folder.parent / "link.tif",
                folder.parent / "hard.tif",
            ),
        )
        yield from (
            f"file://{read}",
            f"file://localhost{read}",
            spaced.as_uri(),
            f"GTIFF_DIR:1:{read}",
        )
        yield from (
            f"vrt://{read}?bands=1",
            str(folder.parent / "one.vrt"),
            str(folder.parent / "two.vrt"),
        )
        yield from (
            f"/vsisubfile/0,{read}",
            f"{read}:1",
            f"{read}|layername=x",
            f'NETCDF:"{read}":band',
            str(folder),
        )

    def test_under_any_name(self, read: Path) -> None:
        for name in self.names(read):
            assert any(file.samefile(read) for file in files_of(name)), name
            with pytest.raises(OutputError, match="is an input as well"):
                check_outputs([str(read)], [None, name], overwrite=True)
        check_outputs([str(read.with_name("new.tif"))], [str(read)], overwrite=True)

    def test_nor_what_lies_in_an_archive(self, tmp_path: Path) -> None:
        shutil.make_archive(str(tmp_path / "a"), "zip", ROOT, "README.md")
        for name in (
            f"/vsizip/{tmp_path}/a.zip/README.md",
            f"/vsizip/{{{tmp_path}/a.zip}}/README.md",
            f"zip://{tmp_path}/a.zip!README.md",
        ):
            with pytest.raises(OutputError, match="is an input as well"):
                check_outputs([str(tmp_path / "a.zip")], [name], overwrite=True)

    def test_nor_what_goes_with_them(self, read: Path) -> None:
        Path(f"{read}.ovr").write_bytes(b"")
        shape = read.with_name("t.shp")
        for suffix in (".shp", ".dbf", ".shx"):
            shape.with_suffix(suffix).write_bytes(b"")
        for output, name in ((f"{read}.ovr", read), (shape.with_suffix(".dbf"), shape)):
            with pytest.raises(OutputError, match="is an input as well"):
                check_outputs([str(output)], [str(name)], overwrite=True)
        mask = Path(f"{read.with_name('new.tif')}.msk")
        shutil.copy(read, mask)
        with pytest.raises(OutputError, match="goes with"):
            check_outputs([str(read.with_name("new.tif"))], [str(mask)], overwrite=True)

    def test_an_ogr_vrt(self, tmp_path: Path) -> None:
        two_layers(tmp_path / "a.gpkg")
        (tmp_path / "a.vrt").write_text(
            '<OGRVRTDataSource><OGRVRTLayer name="old"><SrcDataSource '
            'relativeToVRT="1">a.gpkg</SrcDataSource>'
            "</OGRVRTLayer></OGRVRTDataSource>"
        )
        with pytest.raises(OutputError, match="is an input as well"):
            check_outputs([str(tmp_path / "a.gpkg")], [str(tmp_path / "a.vrt")], overwrite=True)

    def test_a_geometry_is_no_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a.tif").touch()
        monkeypatch.chdir(tmp_path)
        assert list(files_of("POLYGON ((0 0, 0 1, 1 1, 0 0))")) == []
        assert list(files_of("/data/a.tif")) == []  # another folder's
        assert check_outputs(
            ["a.tif"], ["POLYGON ((0 0, 0 1, 1 1, 0 0))", "/data/a.tif"], True
        ) == {"a.tif"}

    @pytest.mark.parametrize("same", ["x.json", "./x.json", "sub/../x.json", "link.json"])
    def test_two_outputs_are_two_files(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, same: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("sub").mkdir()
        Path("link.json").symlink_to("x.json")
        with pytest.raises(OutputError, match="are the same file"):
            check_outputs(["x.json", same], [], overwrite=True)

    def test_what_is_no_file_is_refused(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.json")
        (tmp_path / "round.json").symlink_to("round.json")
        for name in ("pipe.json", "round.json"):
            with pytest.raises(OutputError, match="is no file"):
                check_outputs([str(tmp_path / name)], [], overwrite=True)

    def test_of_vectorize(self, classes: str, tmp_path: Path) -> None:
        area = two_layers(tmp_path / "area.gpkg")
        before = area.read_bytes()
        for given in (
            {"tracing": Tracing(mask=str(area))},
            {"confidence": str(area)},
            {"zonal": f"{area}:1"},
        ):
            with pytest.raises(InputError, match="is an input as well"):
                vectorize(classes, area, overwrite=True, **given)
        assert area.read_bytes() == before

    def test_of_sample_and_evaluate(
        self, classes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        truth, table = tmp_path / "t.tif", tmp_path / "pairs.csv"
        shutil.copy(classes, truth)
        table.write_text(f"map,truth\n{classes},{truth}\n")
        before = truth.read_bytes(), table.read_bytes()
        assert run(["evaluate", classes, str(truth), "--json", str(truth), "--overwrite"]) == 2
        assert run(["evaluate", "--pairs", str(table), "--report", str(truth), "--overwrite"]) == 2
        assert run(["evaluate", "--pairs", str(table), "--report", str(table), "--overwrite"]) == 2
        assert (
            run(
                [
                    "evaluate",
                    classes,
                    str(truth),
                    "--json",
                    f"{tmp_path}/r",
                    "--report",
                    f"{tmp_path}/r",
                ]
            )
            == 2
        )
        assert "are the same file" in capsys.readouterr().err
        assert (truth.read_bytes(), table.read_bytes()) == before


class TestGeoPackage:
    def test_overwriting_replaces_the_one_layer(self, classes: str, tmp_path: Path) -> None:
        target = two_layers(tmp_path / "map.gpkg")
        before = rest_of(target, "map", "layer_styles", "gpkg_metadata")
        count = vectorize(classes, target, overwrite=True)
        assert layers(target) == ["map", "old", "truth"]
        assert vectorize(classes, target, Tracing(min_area=1000), overwrite=True) < count
        assert rest_of(target, "map", "layer_styles", "gpkg_metadata") == before
        assert integrity(target) == "ok"
        assert pyogrio.read_info(target, layer="map")["features"] == vectorize(
            classes, tmp_path / "new.gpkg", Tracing(min_area=1000)
        )
        with closing(sqlite3.connect(target)) as database:
            styles = database.execute(
                "SELECT f_table_name, styleName, useAsDefault FROM layer_styles ORDER BY 1"
            ).fetchall()
            assert styles == [("map", "c", 1), ("old", "mine", 1)]
            assert database.execute("SELECT * FROM both ORDER BY 1").fetchall() == [
                ("old",),
                ("truth",),
            ]
            box = pyogrio.read_info(target, layer="map", force_total_bounds=True)["total_bounds"]
            index = "SELECT min(minx), min(miny), max(maxx), max(maxy) FROM rtree_map_geom"
            assert np.allclose(database.execute(index).fetchone(), box)

    def test_a_layer_is_added_by_its_name_and_nothing_is_replaced(
        self, classes: str, tmp_path: Path
    ) -> None:
        target = two_layers(tmp_path / "a.gpkg")
        before = rest_of(target, "new", "layer_styles", "gpkg_metadata")
        vectorize(classes, f'{target}|layername=new [1] "q"; --\'')
        vectorize(classes, f"{target}|layername=new")
        assert rest_of(target, "new", "layer_styles", "gpkg_metadata") == before
        assert len(layers(target)) == 4
        for name in ("new", "NEW", "truth", "notes", "both"):
            with pytest.raises(OutputError, match="holds a"):
                vectorize(classes, f"{target}|layername={name}")
        with pytest.raises(OutputError, match=r"exists already.*layername"):
            vectorize(classes, target)
        for name in ("notes", "both"):  # no layers, and so not replaced
            with pytest.raises(OutputError, match=f"called {name}"):
                vectorize(classes, f"{target}|layername={name}", overwrite=True)
        vectorize(classes, f"{target}|layername=truth", overwrite=True)
        assert pyogrio.read_info(target, layer="truth")["features"] > 1
        assert integrity(target) == "ok"

    @pytest.mark.parametrize(
        "out", ["a.fgb|layername=x", "a.gpkg|layername=", "a.gpkg|layername=gpkg_x"]
    )
    def test_names_that_cannot_be(self, classes: str, tmp_path: Path, out: str) -> None:
        with pytest.raises(InputError, match="layername"):
            vectorize(classes, tmp_path / out)

    def test_layers_of_an_earlier_map_go_with_it(self, classes: str, tmp_path: Path) -> None:
        """A class that is gone must not stay as a layer: it would be looked at together with the
        new ones.
        """
        target = two_layers(tmp_path / "map.gpkg")
        vectorize(classes, target, Tracing(layers="class"), overwrite=True)
        assert layers(target) == ["class 0", "class 1", "class 2", "old", "truth"]
        vectorize(classes, target, Tracing(layers="class", classes=(1,)), overwrite=True)
        assert layers(target) == ["class 1", "old", "truth"]
        vectorize(classes, target, overwrite=True)
        assert layers(target) == ["map", "old", "truth"]

    def test_a_layer_of_the_users_is_not_taken_for_a_class(
        self, classes: str, tmp_path: Path
    ) -> None:
        target = two_layers(tmp_path / "map.gpkg")
        vectorize(classes, f"{target}|layername=class 1")
        with closing(sqlite3.connect(target)) as database, database:
            database.execute(
                "UPDATE gpkg_contents SET description = 'mine' WHERE table_name = 'class 1'"
            )
        before = rest_of(target)
        told: list[Event] = []
        with pytest.raises(OutputError, match=r"a layer class 1 .*not replaced; .*another file"):
            vectorize(classes, target, Tracing(layers="class"), overwrite=True, report=told.append)
        assert not [event for event in told if isinstance(event, Progress)]  # before it begins
        with pytest.raises(OutputError, match="exists already") as refused:
            vectorize(classes, target, Tracing(layers="class"))
        assert "layername" not in str(refused.value)  # which goes with one layer only
        assert rest_of(target) == before
        vectorize(classes, f"{target}|layername=class 1", overwrite=True)  # who names it means it

    def test_a_style_that_was_saved_stays_the_default(self, classes: str, tmp_path: Path) -> None:
        target = tmp_path / "map.gpkg"
        vectorize(classes, target)
        with closing(sqlite3.connect(target)) as database, database:
            database.execute("UPDATE layer_styles SET useAsDefault = 0")
            database.execute(
                "INSERT INTO layer_styles (f_table_name, f_geometry_column, styleName, "
                "styleQML, useAsDefault)"
                " VALUES ('map', 'geom', 'mine', '<qgis/>', 1)"
            )
        vectorize(classes, target, overwrite=True)
        with closing(sqlite3.connect(target)) as database:
            found = database.execute(
                "SELECT styleName, useAsDefault FROM layer_styles ORDER BY 1"
            ).fetchall()
        assert found == [("c", 0), ("mine", 1)]

    def test_another_crs_of_the_same_number(self, classes: str, tmp_path: Path) -> None:
        """Two GeoPackages may number their own CRSs alike."""
        local = [tmp_path / f"{name}.tif" for name in "ab"]
        for meridian, path in zip((3, 5), local, strict=True):
            write(
                path,
                np.ones((1, 4, 4), np.uint8),
                crs=f"+proj=tmerc +lon_0={meridian} +ellps=bessel",
            )
        vectorize(local[0], tmp_path / "m.gpkg")
        vectorize(local[1], f"{tmp_path}/m.gpkg|layername=b")
        crs = [pyogrio.read_info(tmp_path / "m.gpkg", layer=name)["crs"] for name in ("m", "b")]
        assert crs[0] != crs[1]
        with closing(sqlite3.connect(tmp_path / "m.gpkg")) as database:
            (told,) = database.execute(
                "SELECT srs_id FROM gpkg_geometry_columns WHERE table_name = 'b'"
            ).fetchone()
            (blob,) = database.execute("SELECT geom FROM b").fetchone()
        assert int.from_bytes(blob[4:8], "little") == told

    def test_other_databases_and_damage_are_refused(self, classes: str, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "db.gpkg")) as database, database:
            database.execute("CREATE TABLE mine (a)")
        two_layers(tmp_path / "bad.gpkg")
        with (tmp_path / "bad.gpkg").open("r+b") as file:
            file.seek(100)
            file.write(b"\xff" * 3000)
        for name in ("db", "bad"):
            before = (tmp_path / f"{name}.gpkg").read_bytes()
            with pytest.raises(OutputError, match="GeoPackage"):
                vectorize(classes, tmp_path / f"{name}.gpkg", overwrite=True)
            assert (tmp_path / f"{name}.gpkg").read_bytes() == before

    def test_a_file_in_utf_16_is_refused_before_the_run(self, classes: str, tmp_path: Path) -> None:
        target = tmp_path / "map.gpkg"
        with closing(sqlite3.connect(target)) as database, database:
            database.execute("PRAGMA encoding = 'UTF-16le'")
            database.execute("CREATE TABLE gpkg_contents (table_name, data_type, description)")
            database.execute("CREATE TABLE gpkg_spatial_ref_sys (srs_id)")
        before = target.read_bytes()
        with pytest.raises(OutputError, match="texts in UTF-16le"):
            check_outputs([str(target)], [], False, "new")
        with pytest.raises(OutputError, match="texts in UTF-16le"):
            vectorize(classes, f"{target}|layername=new")
        assert target.read_bytes() == before

    @pytest.mark.skipif(os.name == "nt", reason="a limit of POSIX")
    def test_what_a_full_disk_stopped_is_taken_back_at_once(self, tmp_path: Path) -> None:
        """Not only when somebody next opens the file for writing."""
        import resource

        source, target = tmp_path / "new.gpkg", two_layers(tmp_path / "map.gpkg")
        noise = np.random.default_rng(0).integers(0, 4, (1, 250, 250)).astype(np.uint8)
        vectorize(write(tmp_path / "c.tif", noise), source)
        assert source.stat().st_size > 5_000_000
        before, there = target.read_bytes(), sorted(tmp_path.iterdir())
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, limits[1]))
        try:
            with pytest.raises(RunError, match="could not be written"):
                put_layers(source, target, False)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert target.read_bytes() == before
        assert sorted(tmp_path.iterdir()) == there

    @pytest.mark.skipif(os.name == "nt", reason="a limit of POSIX")
    @pytest.mark.parametrize("by", ["one", "class"])
    def test_whatever_a_full_disk_stops_is_told_as_that(
        self, classes: str, tmp_path: Path, by: Literal["one", "class"]
    ) -> None:
        """While GDAL makes the layer, while rows are put into it, and while its style is."""
        import resource

        target = tmp_path / "out" / "map.gpkg"
        target.parent.mkdir()
        vectorize(classes, target, Tracing(layers=by))
        size = target.stat().st_size
        target.unlink()
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        for limit in (4096, *range(16384, size, 12288), size - 4096, size - 1):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limits[1]))
            try:
                with pytest.raises(RunError, match="could not be written") as raised:
                    vectorize(classes, target, Tracing(layers=by))
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            assert "ulimit -f" in raised.value.do
            assert list(target.parent.iterdir()) == []

    def test_a_reader_in_wal_mode_sees_one_state(self, classes: str, tmp_path: Path) -> None:
        target = tmp_path / "map.gpkg"
        old = vectorize(classes, target)
        with closing(sqlite3.connect(target, isolation_level=None)) as reader:
            reader.execute("PRAGMA journal_mode = WAL")
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM map").fetchone() == (old,)
            new = vectorize(classes, target, Tracing(classes=(1,)), overwrite=True)
            assert reader.execute("SELECT count(*) FROM map").fetchone() == (old,)
            reader.execute("COMMIT")
            assert reader.execute("SELECT count(*) FROM map").fetchone() == (new,) != (old,)
        assert integrity(target) == "ok"
        assert pyogrio.read_info(target, layer="map")["features"] == new

    def test_a_file_that_is_being_written_is_refused_before_the_run(
        self, classes: str, tmp_path: Path
    ) -> None:
        target = two_layers(tmp_path / "map.gpkg")
        with closing(sqlite3.connect(target, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("INSERT INTO notes VALUES (2, 'unsaved')")
            with pytest.raises(OutputError, match="in use by another program"):
                vectorize(classes, target, overwrite=True)
            writer.execute("COMMIT")
        assert layers(target) == ["old", "truth"]

    def test_a_log_without_its_file_is_not_played_into_the_new_one(
        self, classes: str, tmp_path: Path
    ) -> None:
        target, wal = tmp_path / "map.gpkg", tmp_path / "map.gpkg-wal"
        wal.write_bytes(b"left")
        with pytest.raises(OutputError, match=r"map\.gpkg-wal"):
            vectorize(classes, target)
        vectorize(classes, target, overwrite=True)
        assert not wal.exists()
        assert integrity(target) == "ok"

    @pytest.mark.process
    def test_a_killed_run_leaves_the_file_whole(self, tmp_path: Path) -> None:
        noise = np.random.default_rng(0).integers(0, 4, (1, 700, 700)).astype(np.uint8)
        source, target = write(tmp_path / "c.tif", noise), two_layers(tmp_path / "map.gpkg")
        vectorize(source, target, Tracing(classes=(1,)), overwrite=True)
        before = rest_of(target, "map", "layer_styles")
        first = pyogrio.read_info(target, layer="map")["features"]
        rng, seen = np.random.default_rng(5), set()
        for _ in range(6):
            process = start_command("vectorize", source, "--out", target, "--overwrite", "--quiet")
            try:
                ends = time.monotonic() + 60
                while (
                    process.poll() is None
                    and time.monotonic() < ends
                    and not list(tmp_path.glob(".map*.part/map.gpkg*"))
                ):
                    time.sleep(0.005)
                time.sleep(float(rng.uniform(0, 6)))
                process.send_signal(signal.SIGKILL)
            finally:
                process.communicate()
            assert integrity(target) == "ok"
            assert rest_of(target, "map", "layer_styles") == before
            found = pyogrio.read_info(target, layer="map")["features"]
            with closing(sqlite3.connect(target)) as database:
                assert database.execute("SELECT count(*) FROM rtree_map_geom").fetchone() == (
                    found,
                )
            seen.add(found)
        vectorize(source, target, overwrite=True)
        assert seen <= {first, pyogrio.read_info(target, layer="map")["features"]}
        assert not list(tmp_path.glob(".*.part"))

    def test_a_sample_goes_beside_other_layers(self, classes: str, tmp_path: Path) -> None:
        target = two_layers(tmp_path / "a.gpkg")
        before = rest_of(target, "sample", "geoseg_", "layer_styles")
        for points in ("12", "9"):
            assert (
                run(
                    [
                        "sample",
                        classes,
                        "--out",
                        str(target),
                        "--points",
                        points,
                        "--overwrite",
                        "--quiet",
                    ]
                )
                == 0
            )
        assert rest_of(target, "sample", "geoseg_", "layer_styles") == before
        with closing(sqlite3.connect(target)) as database:
            assert database.execute("SELECT count(*) FROM geoseg_points").fetchone() == (9,)

    @pytest.mark.skipif(
        not CASES.is_dir(), reason="the small inputs of ../shared/cases are missing"
    )
    def test_k_two(self, tmp_path: Path) -> None:
        target = tmp_path / "copy.gpkg"
        shutil.copy(CASES / "k_two.gpkg", target)
        rows = [pyogrio.read_info(target, layer=name)["features"] for name in ("old", "truth")]
        assert (
            run(
                [
                    "vectorize",
                    str(CASES / "cls_base.tif"),
                    "--out",
                    str(target),
                    "--overwrite",
                    "--quiet",
                ]
            )
            == 0
        )
        assert layers(target) == ["copy", "old", "truth"]
        assert [
            pyogrio.read_info(target, layer=name)["features"] for name in ("old", "truth")
        ] == rows


def test_a_map_alone_knows_its_classes(tmp_path: Path) -> None:
    """Names beside the file are lost when it is sent alone: they stand in a tag as well."""
    labels = np.array([[0, 1, 4]], np.uint8).repeat(3, 0)
    grid = Grid(3, 3, (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), "EPSG:32633")
    with create_raster(str(tmp_path / "a.tif"), grid, grid.extent, S2, {}) as sink:
        sink.write(Patch(grid.extent, labels[None]))
    alone = tmp_path / "alone" / "b.tif"
    alone.parent.mkdir()
    shutil.copy(tmp_path / "a.tif", alone)
    vectorize(alone, tmp_path / "b.gpkg")
    names = {label.value: label.name for label in S2.labels}
    found = pyogrio.raw.read(tmp_path / "b.gpkg", layer="b", columns=["class_id", "class"])[3]
    assert dict(zip(*(column.tolist() for column in found), strict=True)) == {
        v: names[v] for v in (0, 1, 4)
    }
    assert (
        run(
            [
                "evaluate",
                str(alone),
                str(tmp_path / "a.tif"),
                "--json",
                str(tmp_path / "r.json"),
                "--quiet",
            ]
        )
        == 0
    )
    assert names[4] in (tmp_path / "r.json").read_text()
    assert not list(alone.parent.glob("*.aux.xml"))


class TestCompanions:
    def test_indexes_of_an_old_shapefile_go(self, classes: str, tmp_path: Path) -> None:
        target = tmp_path / "map.shp"
        vectorize(classes, target)
        for suffix in (".qix", ".sbn", ".sbx", ".shp.xml", ".cpg"):
            target.with_suffix(suffix).write_bytes(b"stale")
        count = vectorize(classes, target, Tracing(classes=(1,)), overwrite=True)
        assert sorted(path.suffix for path in tmp_path.glob("map.*")) == [
            ".cpg",
            ".dbf",
            ".prj",
            ".qml",
            ".shp",
            ".shx",
        ]
        assert target.with_suffix(".cpg").read_text() == "UTF-8"
        assert pyogrio.read_info(target)["features"] == count

    def test_a_prj_does_not_outlive_its_crs(self, tmp_path: Path) -> None:
        target = tmp_path / "map.shp"
        vectorize(write(tmp_path / "a.tif", np.ones((1, 4, 4), np.uint8)), target)
        vectorize(
            write(tmp_path / "b.tif", np.ones((1, 4, 4), np.uint8), crs=None),
            target,
            overwrite=True,
        )
        assert pyogrio.read_info(target)["crs"] is None

    def test_a_table_that_is_no_shapefile_stays(self, classes: str, tmp_path: Path) -> None:
        (tmp_path / "map.dbf").write_bytes(b"mine")
        with pytest.raises(OutputError, match=r"map\.dbf"):
            vectorize(classes, tmp_path / "map.shp", overwrite=True)
        assert (tmp_path / "map.dbf").read_bytes() == b"mine"


class TestPublishing:
    def test_what_appeared_meanwhile_stays(self, classes: str, tmp_path: Path) -> None:
        for name in ("map.gpkg", "map.fgb", "map.shp"):
            target = tmp_path / name

            def appear(event: object, target: Path = target) -> None:
                target.write_bytes(b"another's")

            with pytest.raises(RunError, match="written by somebody else"):
                vectorize(classes, target, report=appear)
            assert target.read_bytes() == b"another's"
            assert not list(tmp_path.glob(".*.part"))

    @pytest.mark.process
    def test_two_runs_at_once_add_their_layers_to_one_new_file(self, tmp_path: Path) -> None:
        source, target = (
            write(tmp_path / "c.tif", np.ones((1, 9, 9), np.uint8)),
            tmp_path / "all.gpkg",
        )
        runs = [
            start_command("vectorize", source, "--out", f"{target}|layername={name}")
            for name in "ab"
        ]
        assert [process.communicate(timeout=120)[1] and process.returncode for process in runs] == [
            0,
            0,
        ]
        assert layers(target) == ["a", "b"]

    def test_a_shapefile_in_capitals(self, classes: str, tmp_path: Path) -> None:
        for _ in range(2):
            vectorize(classes, tmp_path / "A.SHP", overwrite=True)
            assert pyogrio.read_info(tmp_path / "A.SHP")["features"] > 1

    @pytest.mark.process
    def test_of_two_runs_at_once_one_is_told(self, tmp_path: Path) -> None:
        source, target = (
            write(tmp_path / "c.tif", np.ones((1, 9, 9), np.uint8)),
            tmp_path / "all.gpkg",
        )
        runs = [start_command("vectorize", source, "--out", target) for _ in range(2)]
        said = [process.communicate(timeout=120)[1] for process in runs]
        assert sorted(process.returncode == 0 for process in runs) == [False, True]
        assert sum("somebody else" in text or "exists already" in text for text in said) == 1

    def test_without_hard_links(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*given: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
        for name in ("one", "two"):
            (tmp_path / name).write_text(name)
        _put_new(tmp_path / "one", tmp_path / "target")
        with pytest.raises(FileExistsError):
            _put_new(tmp_path / "two", tmp_path / "target")
        assert (tmp_path / "target").read_text() == "one"
        assert not (tmp_path / "one").exists()

    @pytest.mark.parametrize("name", ["map.gpkg", "map.fgb", "map.shp"])
    @pytest.mark.parametrize("there", [False, True])
    def test_a_link_is_followed(self, classes: str, tmp_path: Path, name: str, there: bool) -> None:
        real = tmp_path / "store" / f"real{Path(name).suffix}"
        real.parent.mkdir()
        if there:
            vectorize(classes, real)
        link = tmp_path / name
        link.symlink_to(Path("store") / real.name)
        count = vectorize(classes, link, Tracing(classes=(1,)), overwrite=there)
        assert link.is_symlink()
        assert (
            pyogrio.read_info(real, layer="map" if name == "map.gpkg" else None)["features"]
            == count
        )
        assert sorted(path.name for path in tmp_path.iterdir()) == ["in", name, "store"]

    @pytest.mark.process
    def test_left_folders_of_dead_runs_go_and_those_of_live_ones_stay(self, tmp_path: Path) -> None:
        target, here = tmp_path / "map.gpkg", myself()
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        old = {
            "dead": replace(here, pid=gone.pid, begun="1"),
            "other": replace(here, host="elsewhere", space="another boot", pid=gone.pid),
            "anew": replace(here, space="another boot"),
        }
        for name, holder in old.items():
            folder = tmp_path / f".map.gpkg.{name}.part"
            folder.mkdir()
            (folder / HOLDER).write_text(json.dumps(asdict(holder)))
        (tmp_path / ".mine.part").mkdir()  # somebody else's altogether
        for path in (tmp_path / ".map.gpkg.anew.part" / HOLDER, tmp_path / ".map.gpkg.anew.part"):
            os.utime(path, (1e9, 1e9))
        with part_folder(target) as alive:
            assert {path.name for path in sweep(tmp_path)} == {
                ".map.gpkg.dead.part",
                ".map.gpkg.anew.part",
            }
            assert alive.is_dir()
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            ".map.gpkg.other.part",
            ".mine.part",
        ]

    @pytest.mark.process
    def test_a_run_sweeps_what_a_killed_one_left(self, classes: str, tmp_path: Path) -> None:
        code = (
            "import os, signal, sys; from pathlib import Path; from geoseg.core.atomic import "
            "part_folder\n"
            "with part_folder(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
        )
        command = [sys.executable, "-c", code, str(tmp_path / "other.tif")]
        assert subprocess.run(command, check=False, env=environment()).returncode == -signal.SIGKILL
        assert len(list(tmp_path.glob(".*.part"))) == 1
        vectorize(classes, tmp_path / "map.fgb")
        assert not list(tmp_path.glob(".*.part"))

    def test_long_names(self, classes: str, tmp_path: Path) -> None:
        target = tmp_path / ("ü" * 120 + ".fgb")
        vectorize(classes, target)
        assert target.is_file()
        assert len(part_prefix(target.name).encode()) < 200
