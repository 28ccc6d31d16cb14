"""geoseg from Python: the commands as functions, with the same options and the same results.

Keywords are called as the options of the commands: `--min-area 500` is `min_area=500`. `report`
takes a function that is called with each event of a run (notes, warnings, progress, the end).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from os import PathLike, fspath
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from .core.card import ModelCard
from .core.errors import InputError
from .core.events import Event, Finished, Report, Summary, silent
from .core.job import Job, plan
from .core.options import Options, plain

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from .batches.status import Status
    from .evaluation.change import Change
    from .evaluation.class_sets import Calibrated
    from .evaluation.drawn import MapSample
    from .evaluation.run import Evaluated
    from .prediction.check import SceneCheck
    from .prediction.rerun import Rerun
    from .prediction.result import Prediction
    from .prediction.scores import OpenModel


FilePath = str | PathLike[str]
Scene = Any  # a path, several, an open rasterio dataset, an xarray.DataArray, or an array


def predict(
    scene: Scene,
    out: FilePath | None = None,
    *,
    model: FilePath | Sequence[FilePath] = "auto",
    raster: FilePath | None = None,
    confidence: FilePath | None = None,
    novelty: FilePath | None = None,
    scores: FilePath | None = None,
    entropy: FilePath | None = None,
    margin: FilePath | None = None,
    second: FilePath | None = None,
    sets: FilePath | None = None,
    depth: FilePath | None = None,
    stac: FilePath | None = None,
    transform: Sequence[float] | None = None,
    crs: Any = None,
    band_names: Sequence[str] | None = None,
    map_crs: str | None = None,
    report: Report = silent,
    **options: Any,
) -> Prediction:
    """Map one scene, as `geoseg predict` does.

    Parameters
    ----------
    scene
        The path or address (https://, s3://, gs://, az://) of a raster, of several that hold the
        bands of one scene, or of a STAC item; with `mosaic` also of neighbouring files, and
        folders, patterns and lists of them; a `rasterio` dataset
        that is open for reading; an `xarray.DataArray` with the georeference that rioxarray keeps
        (CRS, transform, nodata; names of bands from text in the coordinate of the bands, or from
        the attribute `long_name`); or an array [band, row, column].
    out
        .gpkg (.fgb, .parquet, .geojson, .shp, .pmtiles) for polygons, .tif for the class raster;
        or postgresql://USER@HOST/DATABASE#SCHEMA.TABLE for polygons in a table of PostGIS.
        Without any output nothing stays on disk, and the map is held in memory.
    model
        A name of `geoseg models list`, a bundle's folder, or auto: the one that fits the scene; or
        a list of the first two, whose scores are averaged.
    raster
        Where the class raster goes as well: uint8 [row, column], 255 is nodata.
    confidence
        Where the score of each pixel's class goes as well: uint8 percent [row, column], 255 is
        nodata.
    novelty
        Where it goes how unlike what the model knows each 32 x 32 pixels are: uint8, 1 % of known
        land is above 100, 255 is nodata.
    scores
        Where the scores of all classes go as well: uint8 percent, a band for each, 255 is nodata.
    entropy
        Where it goes how uncertain the scores leave each pixel: uint8 percent of the most there is.
    margin
        Where it goes how far the highest score lies above the second: uint8 percent.
    second
        Where the class goes that comes second: uint8 as the class raster.
    sets
        Where it goes how many classes cannot be excluded, and then which: uint8, a band for their
        number and one for each class; with the option `calibration`.
    depth
        Where it goes how far inside its object a pixel lies: uint8 percent of the model's limit, of
        models that tell objects apart.
    stac
        Where the STAC item of the map goes (.json): where it lies, its files, how it was made.
    transform
        Of an array: six affine coefficients from column and row to x and y.
    crs
        Of an array: its CRS (an EPSG code, WKT, ...).
    band_names
        Of an array: what its bands are, such as B04 or red.
    map_crs
        The projected CRS in which the scene is mapped, as PROJ names it; None is the scene's own,
        or one that fits where that is in degrees.
    report
        Called with each event of `geoseg.core.events`, from this thread.
    **options
        The names that `geoseg.Options.of` takes, such as device="cpu", nodata=0 or min_area=500
        (square metres).

    Returns
    -------
    Prediction
        With `.classes`, `.confidence`, `.polygons`, `.plot()`, and `.summary`, whose fields are
        attributes as well.

    Raises
    ------
    InputError, ModelError, OutputError
        For what was given.
    RunError
        For what failed on the way.
    """
    from .models.ensemble import find_models
    from .prediction.result import Prediction
    from .raster.memory import read_map
    from .vector.delivery import delivered
    from .vector.frame import read_polygons

    chosen = Options.of(crs=map_crs, **options)
    models = _models(model)
    into = delivered(
        "" if out is None else fspath(out),
        chosen.outputs.overwrite,
        chosen.outputs.layers,
        report,
        _path(stac),
    )
    with (
        into as (path, told, tell),
        _files(scene, transform, crs, None, band_names) as (files, folder),
    ):
        more = {
            "confidence": confidence,
            "novelty": novelty,
            "scores": scores,
            "entropy": entropy,
            "margin": margin,
            "second": second,
            "sets": sets,
            "depth": depth,
            "stac": stac,
        }
        asked = _asked(files, path or out, models, raster, chosen, more)
        numbers = models != "auto" and find_models(models, chosen).card.maps_numbers
        sure = None if numbers else f"{folder}/confidence.tif"
        job = asked or Job(files, models, f"{folder}/classes.tif", None, sure, chosen)
        job = replace(job, in_memory=any(Path(file).parent == Path(folder) for file in files))
        apart = bool(
            chosen.outputs.zonal and not job.polygons
        )  # means need the scene, which may be gone when polygons are traced
        job = replace(job, polygons=f"{folder}/map.gpkg") if apart else job
        summary = _segment(job, asked.outputs if asked else (), tell)
        if asked and told != path:  # what is a file here is a table when the block ends
            places = tuple(told if one == path else one for one in asked.outputs)
            summary = replace(summary, outputs=places)
            asked = replace(asked, polygons=told)
        held = None
        if asked is None:
            classes, place, system = read_map(str(job.classes))
            held = classes, read_map(sure)[0] if sure else None, place, system
        traced = read_polygons(str(job.polygons)) if apart else None
    card = find_models(summary.model if job.model == "auto" else job.model, chosen).card
    return Prediction(summary, card, chosen, asked, held, traced)


def _asked(
    files: tuple[str, ...],
    out: FilePath | None,
    model: str | tuple[str, ...],
    raster: FilePath | None,
    options: Options,
    more: Mapping[str, FilePath | None],
) -> Job | None:
    """Return the job that writes what is asked for; None where nothing is."""
    if out is None and raster is None:
        for name, path in more.items():
            if path is not None:
                raise InputError(f"{name}={fspath(path)} alone", "out or raster as well")
        return None
    main, beside = (raster, None) if out is None else (out, raster)
    return plan(
        files,
        fspath(main or ""),
        model=model,
        raster=_path(beside),
        options=options,
        **{name: _path(path) for name, path in more.items()},
    )


def _segment(job: Job, outputs: tuple[str, ...], report: Report) -> Summary:
    """Run the job; of its outputs only those that stay are told."""
    from .prediction.pipeline import segment

    def tell(event: Event) -> None:
        report(
            Finished(replace(event.summary, outputs=outputs))
            if isinstance(event, Finished)
            else event
        )

    return replace(segment(job, tell), outputs=outputs)


@contextmanager
def _files(
    scene: Scene, transform: Any, crs: Any, nodata: float | None, band_names: Sequence[str] | None
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the paths of a scene, and a folder for what is needed until the block ends."""
    from .raster.memory import Georeference, scene_files

    with TemporaryDirectory(prefix="geoseg-") as folder:
        yield (
            scene_files(scene, Georeference(transform, crs, nodata, band_names), Path(folder)),
            folder,
        )


def _models(model: FilePath | Sequence[FilePath]) -> str | tuple[str, ...]:
    """Return one model, or several, as a job names them."""
    if isinstance(model, str | PathLike):
        return fspath(model)
    names = tuple(fspath(name) for name in model)
    return names[0] if len(names) == 1 else names


def _path(path: FilePath | None) -> str | None:
    return None if path is None else fspath(path)


def rerun(
    output: FilePath,
    out: FilePath | None = None,
    *,
    inputs: FilePath | Sequence[FilePath] = (),
    force: bool = False,
    report: Report = silent,
) -> Rerun:
    """Make a map again from what stands in it, as `geoseg rerun` does.

    Parameters
    ----------
    output
        An output of `predict`, `vectorize`, `objects` or a batch, of any format but shapefile; of a
        GeoPackage of several maps FILE|layername=NAME.
    out
        Where it is written; None compares it with the output, and keeps nothing.
    inputs
        Folders, files and addresses where inputs lie now, where not as they were named: from here,
        or from the output's folder.
    force
        Whether inputs, a model or a machine that are not the same are warned of, not refused.
    report
        Called with each event of `geoseg.core.events`.

    Returns
    -------
    Rerun
        With `.equal` (byte for byte), `.differences` of what the files hold, and `.lines`.

    Raises
    ------
    InputError, OutputError
        If the output does not say how it was made, an input or model has changed, or the new one
        cannot be written.
    RunError
        For what failed on the way.
    """
    from .prediction.rerun import rerun as again

    places = [inputs] if isinstance(inputs, str | PathLike) else inputs
    return again(fspath(output), _path(out), [fspath(place) for place in places], force, report)


def check(
    scene: Scene,
    model: FilePath | None = None,
    *,
    transform: Sequence[float] | None = None,
    crs: Any = None,
    band_names: Sequence[str] | None = None,
    map_crs: str | None = None,
    **options: Any,
) -> SceneCheck:
    """Say what a scene is and which models fit it, as `geoseg check` does.

    Parameters
    ----------
    scene
        As of `geoseg.predict`.
    model
        A model's name or folder; None tries all that ship with geoseg.
    transform
        Of an array: six affine coefficients from column and row to x and y.
    crs
        Of an array: its CRS.
    band_names
        Of an array: what its bands are, such as B04 or red.
    map_crs
        The projected CRS in which the scene is mapped, as PROJ names it; None is the scene's own,
        or one that fits where that is in degrees.
    **options
        Those of `geoseg.Options.of` that say how the scene is read, such as bands=(3, 2, 1).

    Returns
    -------
    SceneCheck
        What the scene is, and for each model what fits and what keeps it from the scene, if
        anything; `.to_dict()` is what `geoseg check --json` prints.

    Raises
    ------
    InputError
        Where the scene is none, or cannot be read.
    """
    from .models import find_model, list_models
    from .prediction.check import check_scene

    chosen = Options.of(crs=map_crs, **options)
    bundles = list_models() if model is None else [find_model(fspath(model))]
    cards = [bundle.card for bundle in bundles]
    with _files(scene, transform, crs, None, band_names) as (files, _):
        return check_scene(files, cards, chosen, auto=model is None)


def open_model(
    name: FilePath, device: str = "auto", engine: str = "auto", tta: str = "none"
) -> OpenModel:
    """Load a model for arrays: it gives the scores of its classes for digital numbers.

    Parameters
    ----------
    name
        A name of `geoseg models list`, or a bundle's folder.
    device
        auto, cpu, cuda or cuda:1.
    engine
        auto, torch or openvino; auto is OpenVINO on processors, where it is installed.
    tta
        none, flips or d4: in how many ways each tile is seen, whose scores are averaged.

    Returns
    -------
    OpenModel
        With `.card`; called with an array [band, row, column] it gives float32 [label, row,
        column].

    Raises
    ------
    InputError, ModelError
        Where there is no such model, device or engine.
    """
    from .prediction.scores import open_model as load

    return load(fspath(name), Options.of(device=device, engine=engine, tta=tta))


@dataclass(frozen=True, slots=True, eq=False)
class Vectorized:
    """The polygons of a class raster."""

    count: int
    """How many there are."""
    outputs: tuple[str, ...]
    """Where they were written; empty where they are in memory."""
    _held: GeoDataFrame | None = None
    _layer: str | None = None

    @property
    def polygons(self) -> GeoDataFrame:
        """The polygons in the raster's CRS, with class, area and perimeter; read from the file
        where there is one, and refused where they went to a table.
        """
        from .vector.frame import read_polygons

        return read_polygons(self.outputs[0], self._layer) if self._held is None else self._held


def vectorize(
    raster: Scene,
    out: FilePath | None = None,
    *,
    band: int | None = None,
    confidence: FilePath | None = None,
    zonal: str | None = None,
    transform: Sequence[float] | None = None,
    crs: Any = None,
    nodata: float | None = None,
    overwrite: bool = False,
    report: Report = silent,
    **tracing: Any,
) -> Vectorized:
    """Write the connected components of a class raster as polygons, as `geoseg vectorize` does.

    Parameters
    ----------
    raster
        A class raster [row, column]: anything that `geoseg.predict` takes for a scene, with up to
        255 classes.
    out
        .gpkg (FILE.gpkg|layername=NAME adds a layer), .fgb, .parquet, .geojson, .shp or .pmtiles;
        or postgresql://USER@HOST/DATABASE#SCHEMA.TABLE for a table of PostGIS; None keeps the
        polygons in memory.
    band
        The band that holds the classes, from 1, where there are several.
    confidence
        Its confidence (.tif, percent), for the mean and the least of each polygon.
    zonal
        FILE or FILE:N,N: bands on the same grid whose means become columns.
    transform
        Of an array: six affine coefficients from column and row to x and y.
    crs
        Of an array: its CRS.
    nodata
        Of an array: the value of pixels without a class.
    overwrite
        Whether an output that exists is replaced; of a GeoPackage, the one layer.
    report
        Called with each event of `geoseg.core.events`.
    **tracing
        The fields of `geoseg.vector.clean.cleaning.Tracing`: classes, mask, square (values),
        min_area (square metres), simplify (metres), smooth, majority, fill_holes, fill_nodata,
        connectivity, layers, index.

    Returns
    -------
    Vectorized
        With `.count` and `.polygons`.

    Raises
    ------
    InputError, OutputError
        For what was given.
    """
    from .core.job import split_layer
    from .vector.clean.cleaning import read_tracing
    from .vector.delivery import delivered
    from .vector.frame import read_polygons
    from .vector.vectorize import vectorize as write

    how = read_tracing(tracing)
    into = delivered("" if out is None else fspath(out), overwrite, how.layers, report)
    with (
        into as (place, told, tell),
        _files(raster, transform, crs, nodata, None) as (files, folder),
    ):
        if len(files) != 1:
            raise InputError(f"{len(files)} files", "one class raster")
        target = place or f"{folder}/map.gpkg"
        count = write(
            files[0],
            target,
            how,
            band=band,
            confidence=confidence,
            zonal=zonal,
            overwrite=overwrite,
            report=tell,
            in_memory=Path(files[0]).parent == Path(folder),
        )
        if out is None:
            return Vectorized(count, (), read_polygons(target))
    path, layer = split_layer(told)
    return Vectorized(count, (path,), None, layer)


def evaluate(
    *files: FilePath,
    pairs: FilePath | None = None,
    areas: FilePath | None = None,
    model: FilePath | None = None,
    confidence: FilePath | None = None,
    json: FilePath | None = None,
    page: FilePath | None = None,
    overwrite: bool = False,
    objects: bool = False,
    report: Report = silent,
    **options: Any,
) -> Evaluated:
    """Compare maps with truths, or estimate areas from a sample, as the command `evaluate` does.

    Parameters
    ----------
    *files
        A map and its truth, each a raster or vector file in any CRS; or two folders whose files are
        named alike. None with `pairs` or `areas`.
    pairs
        A table (.csv) with the columns map, truth and, if wanted, confidence.
    areas
        An interpreted sample (.gpkg): areas and accuracies with their intervals.
    model
        The maps are scenes, which this model (or auto) maps first.
    confidence
        The map's confidence (.tif, percent): how reliable it is.
    json
        A file for all numbers.
    page
        A file for a page (.html) with tables and pictures.
    overwrite
        Whether these two replace files that exist.
    objects
        Compare objects, polygons or rasters of object numbers, rather than pixels.
    report
        Called with each event of `geoseg.core.events`.
    **options
        truth_column, map_column, truth_layer, map_layer, truth_band, map_band, rename ({"A": "B"}
        or ["A=B"]), ignore, classes, missing, boundary, pixel (metres), as of the command; with
        `model` also what `geoseg.Options.of` takes. With `objects` also map_classes, truth_classes,
        score_column, crowd_column, any_class, sizes, scene, matches and aoi.

    Returns
    -------
    Evaluated
        With `.numbers` (nested, as in the JSON file), `.total`, `.parts`, `.areas`, `.lines` and
        `.page`; of objects `.objects` and `.object_parts`.

    Raises
    ------
    InputError, OutputError
        For what was given.
    """
    from .evaluation.run import OBJECTS, SETTINGS, run_evaluation

    how = {name: plain(options.pop(name)) for name in (*SETTINGS, *OBJECTS) if name in options}
    if isinstance(how.get("rename"), Mapping):
        how["rename"] = tuple(f"{old}={new}" for old, new in how["rename"].items())
    Options.of(**options)  # what is unknown is refused before anything runs
    given = {name: plain(value) for name, value in options.items()}
    found = run_evaluation(
        [fspath(path) for path in files],
        report,
        pairs=_path(pairs),
        areas=_path(areas),
        model=_path(model),
        options=given,
        confidence=_path(confidence),
        numbers=_path(json),
        page=_path(page),
        overwrite=overwrite,
        objects=objects,
        **how,
    )
    found.write()
    return found


def calibrate(
    *files: FilePath,
    model: FilePath | Sequence[FilePath],
    out: FilePath,
    coverage: float = 0.9,
    pairs: FilePath | None = None,
    guard: int = 64,
    allow_empty: bool = False,
    guarantee: bool = False,
    overwrite: bool = False,
    report: Report = silent,
    **options: Any,
) -> Calibrated:
    """Learn which classes a model's scores cannot exclude, as the command `calibrate` does.

    Parameters
    ----------
    *files
        A scene and its truth, or two folders whose files are named alike. None with `pairs`.
    model
        As of `geoseg.predict`, but for auto.
    out
        A JSON file, for `geoseg.predict(sets=..., calibration=...)`.
    coverage
        The share of the pixels of a new place whose set is to hold the true class, in the mean over
        places.
    pairs
        A table (.csv) with the columns map (the scene), truth and perhaps place.
    guard
        Pixels: scenes that are nearer, and have no place in the table, are one place.
    allow_empty
        Whether a set may be empty; else the class of the map is in it.
    guarantee
        Whether a new place is taken for one that may be missed altogether.
    overwrite
        Whether a file that exists is replaced.
    report
        Called with each event of `geoseg.core.events`.
    **options
        truth_column, truth_layer, truth_band, rename, ignore, classes, as of `geoseg.evaluate`, and
        what `geoseg.Options.of` takes.

    Returns
    -------
    Calibrated
        With `.sets` (threshold, places, held_out) and `.lines`; the file is written.

    Raises
    ------
    InputError, OutputError
        For what was given, such as too few places for the coverage.
    """
    from .evaluation.class_sets import run_calibration
    from .evaluation.run import SETTINGS

    how = {name: plain(options.pop(name)) for name in SETTINGS if name in options}
    if isinstance(how.get("rename"), Mapping):
        how["rename"] = tuple(f"{old}={new}" for old, new in how["rename"].items())
    found = run_calibration(
        [fspath(path) for path in files],
        _path(pairs),
        {name: plain(value) for name, value in options.items()},
        how,
        report,
        model=_models(model),
        out=fspath(out),
        coverage=coverage,
        guard=guard,
        empty=allow_empty,
        guaranteed=guarantee,
        overwrite=overwrite,
    )
    found.write()
    return found


def sample(
    classes: FilePath,
    out: FilePath | None = None,
    *,
    points: int | None = None,
    standard_error: float | None = None,
    band: int | None = None,
    blind: bool = False,
    seed: int = 1,
    overwrite: bool = False,
    report: Report = silent,
    **design: Any,
) -> MapSample:
    """Draw a stratified random sample of a map's pixels, as `geoseg sample` does.

    Parameters
    ----------
    classes
        A class raster; each class is a stratum.
    out
        A GeoPackage for QGIS, in which the column truth is to be filled in; None only plans.
    points, standard_error
        How many points; or as many as this standard error of the overall accuracy (0 to 1) needs.
    band
        The band that holds the classes, where there are several.
    blind
        Whether the map's class is kept from who interprets.
    seed
        The same seed gives the same points; more of them only add to these.
    overwrite
        Whether a sample that exists is replaced.
    report
        Called with each event of `geoseg.core.events`.
    **design
        expect (["0.85", "water=0.9"]), allocation (proportional, equal, neyman), minimum.

    Returns
    -------
    MapSample
        With `.drawing.strata`, the classes and their sizes, and `.points`, the number for each.

    Raises
    ------
    InputError, OutputError
        For what was given.
    """
    from .evaluation.drawn import draw_sample, read_design

    how = read_design(design | {"points": points, "standard_error": standard_error})
    found = draw_sample(
        fspath(classes),
        how,
        report,
        out=_path(out),
        band=band,
        seed=seed,
        blind=blind,
        overwrite=overwrite,
    )
    found.write(report)
    return found


def change(
    before: FilePath,
    after: FilePath,
    out: FilePath | None = None,
    *,
    raster: FilePath | None = None,
    model: FilePath | None = None,
    unchanged: bool = False,
    rename: Mapping[str, str] | Sequence[str] = (),
    ignore: Sequence[str] = (),
    missing: str = "error",
    resample: str | None = None,
    before_band: int | None = None,
    after_band: int | None = None,
    predict: Mapping[str, Any] | None = None,
    overwrite: bool = False,
    report: Report = silent,
    **options: Any,
) -> Change:
    """Tell what became what between two class rasters, as `geoseg change` does.

    Parameters
    ----------
    before, after
        Two class rasters, or with `model` two scenes.
    out
        Where the transitions go: polygons or a raster, by its suffix; None for nowhere.
    raster
        Beside polygons, where the raster goes; None for nowhere.
    model
        What maps the scenes first: a name, a bundle's folder, or auto.
    unchanged
        Whether there are polygons of what did not change as well.
    rename
        {A: B} or "A=B": what either map calls A, by name or value, is the class B.
    ignore
        Classes of either map that count as nodata.
    missing
        Classes that the other map's legend lacks: error, count, or ignore.
    resample
        nearest brings the later map onto the grid of the earlier one; None refuses another grid.
    before_band, after_band
        The band that holds the classes, where there are several.
    predict
        With `model`: options of these runs, by the names that `geoseg.Options` has.
    overwrite
        Whether files that exist are replaced.
    report
        Called with each event of `geoseg.core.events`.
    **options
        How polygons are drawn, as of `geoseg.vectorize`: min_area, simplify, layers and the rest.

    Returns
    -------
    Change
        With `.names`, `.matrix()` (pixels), `.areas()` and `.transitions`.

    Raises
    ------
    InputError, OutputError, RunError
        For what was given, and what failed on the way.
    """
    from .evaluation.change import ChangeSettings
    from .evaluation.run_change import run_change
    from .vector.clean.cleaning import read_tracing

    pairs = [f"{a}={b}" for a, b in rename.items()] if isinstance(rename, Mapping) else rename
    settings = ChangeSettings(
        tuple(pairs), tuple(ignore), plain(missing), plain(resample), before_band, after_band
    )
    return run_change(
        fspath(before),
        fspath(after),
        report,
        out=_path(out),
        raster=_path(raster),
        model=_path(model),
        options={name: plain(value) for name, value in (predict or {}).items()},
        settings=settings,
        tracing=read_tracing({name: plain(value) for name, value in options.items()}),
        unchanged=unchanged,
        overwrite=overwrite,
    )


def train(
    config: FilePath | None = None,
    out: FilePath | None = None,
    *,
    start: FilePath | None = None,
    twin: FilePath | None = None,
    device: str = "auto",
    resume: bool = False,
    overwrite: bool = False,
    report: Report = silent,
    **options: Any,
) -> ModelCard:
    """Train a model on scenes and their labels, as `geoseg train` does.

    Parameters
    ----------
    config
        A TOML file; what the options say comes first. None where they say all.
    out
        The folder of the bundle; by default the model's name.
    start
        A model to start from (`--from`).
    twin
        A model trained alike that held places out: all is trained on now, and the card has its
        scores.
    device
        auto, cpu, cuda or cuda:1.
    resume
        Whether to go on from the checkpoint in the folder.
    overwrite
        Whether a model, or a training that was stopped, is replaced.
    report
        Called with each event of `geoseg.core.events`.
    **options
        The options of the command: scenes, labels (paths), samples, classes ("water=1,other=2"),
        column, layer, ignore, bands, validation, test, name, gsd (metres), architecture, encoder,
        pretrained, loss, crop (pixels), batch, steps, rate, validate_every, patience, seed,
        precision, and set (["training.ema=0.99"]) for all others.

    Returns
    -------
    ModelCard
        The card of the model, whose bundle `geoseg.predict` takes as `model`.

    Raises
    ------
    InputError, OutputError
        For what was given.
    RunError
        For what failed on the way.
    """
    from .training.run import run_training

    return run_training(
        None if config is None else Path(config),
        None if out is None else Path(out),
        _path(start),
        device,
        resume,
        overwrite,
        report,
        quiet=True,
        twin=_path(twin),
        **options,
    )


def batch(
    scenes: FilePath | Sequence[FilePath],
    out_dir: FilePath,
    *,
    engine: str = "local",
    compute_engine: str | None = None,
    merge: str | None = None,
    report: Report = silent,
    **options: Any,
) -> Status:
    """Map many scenes, or a giant one, on many workers, as the command `batch` does.

    What is done is kept in the folder: the same call again does what is missing, and scenes that
    are new are added. This process waits until all is done.

    Parameters
    ----------
    scenes
        Rasters, folders of them, patterns with *, lists (.txt, .csv) or STAC items; an empty list
        goes on with what the folder holds, or takes what the STAC API finds.
    out_dir
        Where the maps go, and the ledger of what is done.
    engine
        Who does the work: local (processes of this machine), dask, slurm, pbs, sge, lsf, oar,
        htcondor.
    compute_engine
        The option `engine` of `geoseg.Options.of`.
    merge
        A file into which the maps are merged afterwards, such as landcover.gpkg.
    report
        Called with each event of `geoseg.core.events`.
    **options
        stac (the address of a STAC API), collection, date ("2026-06/2026-08"), cloud (per cent),
        max_scenes, model, format ("gpkg,tif"), confidence (true or false), regions (pixels),
        workers, retries, lost_after (seconds), scheduler, partition, account, gres, walltime,
        memory, cores, cluster (["KEY=VALUE"]), and what `geoseg.Options.of` takes.

    Returns
    -------
    Status
        How many units were done, and how fast.

    Raises
    ------
    InputError, OutputError
        For what was given.
    UnfinishedError
        Where not everything was done; the same call again does the rest.
    """
    from .batches.master import run_batch

    told = {name: plain(value) for name, value in options.items()}
    if compute_engine is not None:
        told["engine"] = compute_engine
    files = [scenes] if isinstance(scenes, str | PathLike) else scenes
    return run_batch([fspath(path) for path in files], Path(out_dir), engine, merge, told, report)
