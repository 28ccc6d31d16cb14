"""What each layout of a data set has to hold: read as it was written, and refused in words where
it is unsound.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from datasets import HEIGHT, OPEN, SAMPLES, UNKNOWN, WIDTH, Truth, photograph
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from geoseg.core.errors import GeosegError, InputError
from geoseg.core.grid import Grid
from geoseg.datasets import dataset as kinds
from geoseg.datasets.convert import convert
from geoseg.datasets.dataset import Dataset, Targets
from geoseg.datasets.formats import FORMATS, read_dataset
from geoseg.raster.handles import open_dataset
from geoseg.training.parse import read_config
from geoseg.training.scene_label import make_reading
from geoseg.training.sources import find_samples

GRID = Grid(HEIGHT, WIDTH)
LABELS = (".json", ".txt", ".yaml")


def test_each_layout_has_its_sample() -> None:
    assert set(SAMPLES) == set(FORMATS)


def named(found: Dataset, targets: Targets) -> np.ndarray:
    """Return the name of each pixel's class."""
    names = np.full(1 << 16, "!", "<U20")
    names[: len(found.classes)] = [one.name for one in found.classes]
    names[kinds.OPEN] = OPEN
    names[kinds.UNKNOWN] = UNKNOWN
    return names[targets.classes]


def check(found: Dataset, truth: Truth) -> None:
    """Compare every picture with the truth; objects may be called by other numbers."""
    for picture in found.pictures:
        targets = picture.read(HEIGHT, WIDTH)
        assert named(found, targets).tolist() == truth.classes.tolist()
        pairs = set(
            zip(targets.objects.ravel().tolist(), truth.objects.ravel().tolist(), strict=True)
        )
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
        assert (targets.objects > 0).tolist() == (truth.objects > 0).tolist()


def said(folder: Path, out: Path, kind: str = "") -> str:
    """Return what is said against a data set, in one line; "" where something was made of it."""
    told = ""
    try:
        assert convert(str(folder), str(out), kind).pictures
    except GeosegError as error:
        told = str(error)
    assert "\n" not in told
    assert out.exists() is not bool(told)
    return told


@pytest.mark.parametrize("kind", SAMPLES)
class TestLayout:
    def test_it_is_known_and_read_as_it_was_written(self, tmp_path: Path, kind: str) -> None:
        truth = SAMPLES[kind](tmp_path / "data")
        found = read_dataset(str(tmp_path / "data"))
        assert found.kind == kind
        assert found.has_objects == bool(truth.objects.any())
        check(found, truth)

    def test_what_is_made_of_it_is_trained_on(self, tmp_path: Path, kind: str) -> None:
        truth = SAMPLES[kind](tmp_path / "data")
        out = tmp_path / "work"
        made = convert(str(tmp_path / "data"), str(out), rest="rest")
        config = read_config(out / "train.toml")
        samples = find_samples(config.data, config.folder)
        assert len(samples) == made.pictures == len(read_dataset(str(tmp_path / "data")).pictures)
        legend = make_reading(config).legend(samples[0])
        names = np.array([*(label.name for label in config.labels), *[""] * 256])
        expected = np.where(truth.classes == OPEN, "rest", truth.classes)
        for sample in samples:
            with Image.open(sample.scene) as scene:
                assert scene.size == (WIDTH, HEIGHT)
            labels = legend.open(sample.label, GRID)
            read = labels.read(GRID.extent)
            labels.close()
            assert names[read].tolist() == np.where(expected == UNKNOWN, "", expected).tolist()
        objects = sorted(out.glob("objects/**/*.tif"))
        assert len(objects) == (len(samples) if truth.objects.any() else 0)
        for path in objects:
            with open_dataset(str(path)) as file:
                numbers = file.read(1)
            assert numbers.dtype == np.uint32
            assert sorted(np.unique(numbers)) == list(range(numbers.max() + 1))
            assert (numbers > 0).tolist() == (truth.objects > 0).tolist()

    def test_a_picture_of_another_size_is_refused(self, tmp_path: Path, kind: str) -> None:
        SAMPLES[kind](tmp_path / "data")
        found = read_dataset(str(tmp_path / "data"))
        if kind == "yolo":  # its corners are shares of the picture, whatever size that has
            return
        photograph(found.pictures[0].image, (HEIGHT + 1, WIDTH))
        with pytest.raises(InputError, match=f"{HEIGHT} x {WIDTH}"):
            convert(str(tmp_path / "data"), str(tmp_path / "work"))
        assert not (tmp_path / "work").exists()
        assert not list(tmp_path.glob(".*"))

    def test_a_missing_file_is_told_of_or_was_not_needed(self, tmp_path: Path, kind: str) -> None:
        SAMPLES[kind](tmp_path / "data")
        for number, path in enumerate(
            sorted(p for p in (tmp_path / "data").rglob("*") if p.is_file())
        ):
            away = tmp_path / "away"
            path.rename(away)
            said(tmp_path / "data", tmp_path / f"work{number}")
            away.rename(path)

    def test_a_file_that_is_cut_off_is_told_of(self, tmp_path: Path, kind: str) -> None:
        SAMPLES[kind](tmp_path / "data")
        files = [
            p for p in (tmp_path / "data").rglob("*") if p.suffix in LABELS or p.suffix == ".png"
        ]
        refused = 0
        for number, path in enumerate(sorted(files)):
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
            refused += bool(said(tmp_path / "data", tmp_path / f"work{number}"))
            path.write_bytes(whole)
        assert refused

    @given(data=st.data())
    def test_what_is_changed_is_read_or_refused_in_words(
        self, tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
    ) -> None:
        folder = tmp_path_factory.getbasetemp() / f"changed-{kind}"
        if not folder.exists():
            SAMPLES[kind](folder)
        files = sorted(p for p in folder.rglob("*[!s].*") if p.suffix in LABELS)
        if not files:
            return
        path = data.draw(st.sampled_from(files))
        whole = path.read_bytes()
        start = data.draw(st.integers(0, len(whole)))
        stop = start + data.draw(st.integers(0, 8))
        word = data.draw(
            st.sampled_from(
                (
                    b"",
                    b"-1",
                    b"1e999",
                    b"NaN",
                    b"[]",
                    b"{}",
                    b'"',
                    b"../x",
                    b"\xff",
                    b"!!python/object:os.system",
                    b"&a [*a]",
                    b"\n",
                )
            )
        )
        path.write_bytes(whole[:start] + word + whole[stop:])
        try:
            said(folder, folder.with_name(f"made-{kind}"), kind)
        finally:
            path.write_bytes(whole)
            shutil.rmtree(folder.with_name(f"made-{kind}"), ignore_errors=True)

    def test_nothing_is_left_when_it_fails_and_a_folder_that_exists_stays(
        self, tmp_path: Path, kind: str
    ) -> None:
        SAMPLES[kind](tmp_path / "data")
        (tmp_path / "work").mkdir()
        (tmp_path / "work" / "mine.txt").write_text("kept")
        with pytest.raises(GeosegError, match="exists"):
            convert(str(tmp_path / "data"), str(tmp_path / "work"))
        assert [path.name for path in (tmp_path / "work").iterdir()] == ["mine.txt"]
        shutil.rmtree(tmp_path / "work")
        with pytest.raises(
            InputError, match=r"--classes names 'nonsense'; expected classes of the"
        ):
            convert(str(tmp_path / "data"), str(tmp_path / "work"), only=["nonsense"])
        assert not (tmp_path / "work").exists()
