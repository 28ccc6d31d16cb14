"""What `geoseg calibrate` does: map scenes whose truth is known, and find from which score on a
class cannot be excluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.atomic import atomic_output
from ..core.card import NODATA, ModelCard
from ..core.class_sets import MOST, ClassSets, PlaceCoverage
from ..core.errors import InputError
from ..core.events import Finished, Noted, Report, Warned, silent, watch
from ..core.grid import Grid, Window
from ..core.job import plan
from ..core.options import Options
from ..features.labels import Labels
from ..models.ensemble import find_models, members_of
from ..prediction.pipeline import segment
from ..raster.handles import gdal_env, open_dataset, rasterio_window
from ..raster.input_files import check_outputs
from ..scene.describe import describe
from ..scene.places import name_places
from .classes import MAP, TRUTH, Vocabulary
from .compare import Settings, describe_truth, read_windows
from .conformal import (
    PlaceTally,
    count_sets,
    coverage_of,
    empty_tally,
    find_threshold,
    leave_out_each,
    places_needed,
)
from .inputs import ComparedLayer, describe_layer, points_of
from .pairs import Pair

GUARD = 64  # pixels between scenes below which they are one place, as in training
MANY = 30  # places, below which the coverage of others is told of as uncertain


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What came of a calibration."""

    sets: ClassSets
    """What was learned."""
    target: str
    """Where it is to be written."""
    replaced: bool = False
    """Whether a file there may be replaced."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The same for people."""
        sets = self.sets
        kept = f"classes whose score is {sets.threshold} % or more cannot be excluded"
        if sets.threshold == MOST and not sets.empty:
            kept = "the class of the map alone is enough, and no other is kept"
        told = [
            f"{sets.model}, coverage {sets.coverage:g}: {kept}",
            _line(f"{len(sets.places)} places, as learned", sets.places),
        ]
        if sets.held_out:
            told.append(_line("each place with the threshold of all others", sets.held_out))
        return tuple(told)

    def write(self) -> None:
        """Write the file; it appears whole.

        Raises
        ------
        RunError
            If it cannot be written.
        """
        with atomic_output(Path(self.target), self.replaced) as part:
            part.write_text(self.sets.text(), encoding="utf-8")


def _line(head: str, places: Sequence[PlaceCoverage]) -> str:
    shares = np.array([place.coverage for place in places])
    low, high = np.quantile(shares, (0.05, 0.95))
    size = float(np.mean([place.size for place in places]))
    return (
        f"{head}: {shares.mean():.1%} of the pixels have their true class in the set (mean over "
        f"places; {low:.0%} to {high:.0%} in nine of ten), {size:.2f} classes in a set"
    )


def calibrate(
    pairs: Sequence[Pair],
    model: str | tuple[str, ...],
    out: str,
    coverage: float = 0.9,
    *,
    settings: Settings | None = None,
    options: Options | None = None,
    guard: int = GUARD,
    empty: bool = False,
    guaranteed: bool = False,
    overwrite: bool = False,
    report: Report = silent,
) -> Calibrated:
    """Learn from scenes with their truth which classes a model's scores cannot exclude.

    Parameters
    ----------
    pairs
        Scenes and their truths, best on ground that the model was not trained on.
    model
        What `geoseg predict` takes, but for auto.
    out
        Where it is to be written, a JSON file.
    coverage
        The share of the pixels of a new place whose set is to hold the true class, in the mean over
        places.
    settings
        How the truth is read; None for the defaults.
    options
        How the scenes are mapped; None for the defaults.
    guard
        Pixels: scenes that are nearer, and have no place in the table, are one place.
    empty
        Whether a set may be empty; else the class of the map is in it.
    guaranteed
        Whether the coverage is to hold for any places, of which a new one may be all missed.
    overwrite
        Whether a file there may be replaced.
    report
        Called with each event.

    Returns
    -------
    Calibrated
        Nothing is written before its `write()`.

    Raises
    ------
    InputError
        If there are too few places, or a pair cannot be used.
    """
    options, settings = options or Options(), settings or Settings()
    if not 0 < coverage < 1:
        raise InputError(f"--coverage {coverage:g}", "a share between 0 and 1, such as 0.9")
    if model == "auto":
        raise InputError("--model auto", "the one model whose scores are to be calibrated")
    bundle = find_models(model, options)
    if bundle.card.maps_numbers:
        raise InputError(f"{bundle.card.name} maps numbers", "a model of classes")
    read = [path for pair in pairs for path in (pair.mapped, pair.truth)]
    read += [str(one.path) for one in members_of(bundle)]
    replaced = check_outputs([out], read, overwrite)
    places = _places(pairs, guard)
    needed = places_needed(coverage)
    if len(set(places)) < needed:
        raise InputError(
            f"{len(set(places))} places for a coverage of {coverage:g}",
            f"{needed} places at least, which lie apart",
            "give more pairs of scene and truth, or a lower --coverage",
        )
    found: dict[str, PlaceTally] = {}
    for number, (pair, place) in enumerate(zip(pairs, places, strict=True), 1):
        report(Noted(f"{number} of {len(pairs)}: {pair.mapped} against {pair.truth} ({place})"))
        tally = _tally(pair, place, model, bundle.card, options, settings, empty, report)
        found[place] = found.get(place, empty_tally(place)) + tally
    for place in [place for place, tally in found.items() if not tally.pixels]:
        report(Warned(f"{place}: no pixel has a class on the map and in the truth; left out"))
        del found[place]
    tallies = list(found.values())
    threshold = find_threshold(tallies, coverage, guaranteed)
    if len(tallies) < MANY:
        report(
            Warned(
                f"{len(tallies)} places tell little of others: the coverage of new ones may be "
                "several points off"
            )
        )
    sets = ClassSets(
        bundle.card.name,
        bundle.sha256,
        bundle.card_sha256,
        tuple(label.name for label in bundle.card.labels),
        options.compute.tta,
        coverage,
        threshold,
        tuple(coverage_of(tally, threshold) for tally in tallies),
        tuple(leave_out_each(tallies, coverage, guaranteed)),
        empty,
        guaranteed,
    )
    return Calibrated(sets, out, out in replaced)


def _places(pairs: Sequence[Pair], guard: int) -> list[str]:
    """The place of each pair: as the table says, else by where its scene lies."""
    given = [pair.place for pair in pairs]
    if all(given):
        return given
    grids = [describe((pair.mapped,)).grid for pair in pairs]
    return name_places(given, [Path(pair.mapped).stem for pair in pairs], grids, guard)


def _tally(
    pair: Pair,
    place: str,
    model: str | tuple[str, ...],
    card: ModelCard,
    options: Options,
    settings: Settings,
    empty: bool,
    report: Report,
) -> PlaceTally:
    """Map a scene, and count its sets by every threshold."""

    def tell(event: Any) -> None:
        if not isinstance(event, Finished):
            report(event)

    with TemporaryDirectory(prefix="geoseg-") as folder:
        classes, scores = f"{folder}/map.tif", f"{folder}/scores.tif"
        job = plan(
            (pair.mapped,), classes, model=model, raster=None, scores=scores, options=options
        )
        try:
            segment(job, tell)
        except InputError as error:  # of which of the scenes
            told = f"{pair.mapped}: {error.found}"
            raise InputError(told, error.expected, error.do) from error
        return count_pair(classes, scores, pair.truth, card, settings, place, empty, report)


def count_pair(
    classes: str,
    scores: str,
    truth: str,
    card: ModelCard,
    settings: Settings,
    place: str,
    empty: bool = False,
    report: Report = silent,
) -> PlaceTally:
    """Count the sets of a map whose truth is known.

    Parameters
    ----------
    classes, scores
        Its class raster, and the scores in percent.
    truth
        A raster or vector file; vector data may be of points.
    card
        Of the model.
    settings
        How the truth is read.
    place
        Where it lies.
    empty
        Whether a set may be empty.
    report
        Told how far it is.

    Returns
    -------
    PlaceTally
        Of the pixels that both know.

    Raises
    ------
    InputError
        If the truth shares no ground with the map, or has classes that the model lacks.
    """
    layers = describe_layer(classes, {}, option="--map"), describe_truth(truth, settings)
    grid = layers[MAP].grid
    assert grid is not None
    words = Vocabulary((layers[MAP].legend, layers[TRUTH].legend), settings.renames)
    total = empty_tally(place)
    strange: dict[str, int] = {}
    with ExitStack() as stack:
        stack.enter_context(gdal_env())
        raster = stack.enter_context(open_dataset(scores))
        mapped = stack.enter_context(closing(layers[MAP].open(grid)))
        windows = watch(
            read_windows(grid), lambda window: window.area, grid.extent.area, report, "compare"
        )
        for window, where, true in _truths(layers[TRUTH], grid, windows, stack):
            known = words.encode(TRUTH, true)
            top = words.encode(MAP, mapped.read(window)[where])
            table = _labels_of(words, card)
            missing = (known != NODATA) & (table[known] == NODATA)
            for index, count in zip(*np.unique(known[missing], return_counts=True), strict=True):
                name = words.names[index]
                strange[name] = strange.get(name, 0) + int(count)
            percents = raster.read(window=rasterio_window(window))[(slice(None), *where)]
            flat = percents.reshape(len(percents), -1)
            total += count_sets(flat, table[top].ravel(), table[known].ravel(), place, empty)
    if strange:
        names = ", ".join(f"{name} ({count:,} pixels)" for name, count in strange.items())
        raise InputError(
            f"{truth} has classes that {card.name} lacks: {names}",
            f"some of {', '.join(label.name for label in card.labels)}",
            "say which of these they are with --rename, or leave them out with --ignore",
        )
    return total


Where = tuple[Any, ...]


def _truths(
    layer: ComparedLayer, grid: Grid, windows: Iterator[Window], stack: ExitStack
) -> Iterator[tuple[Window, Where, npt.NDArray[np.uint8]]]:
    """Yield windows with what of them is looked at, and the bytes of the truth there."""
    if not layer.points:
        file: Labels = stack.enter_context(closing(layer.open(grid)))
        for window in windows:
            yield window, (slice(None), slice(None)), file.read(window)
        return
    (rows, columns), codes, _ = points_of(layer, grid)
    for window in windows:
        here = (
            (rows >= window.top)
            & (rows < window.bottom)
            & (columns >= window.left)
            & (columns < window.right)
        )
        if here.any():
            yield window, (rows[here] - window.top, columns[here] - window.left), codes[here]


def _labels_of(words: Vocabulary, card: ModelCard) -> npt.NDArray[np.uint8]:
    """By the place of a class among the common ones, that of its label; NODATA for others."""
    labels = {label.name.strip().casefold(): i for i, label in enumerate(card.labels)}
    table = np.full(NODATA + 1, NODATA, np.uint8)
    for place, name in enumerate(words.names):
        table[place] = labels.get(name.strip().casefold(), NODATA)
    return table


def run_calibration(
    files: Sequence[str],
    table: str | None,
    options: Mapping[str, Any],
    how: Mapping[str, Any],
    report: Report,
    **told: Any,
) -> Calibrated:
    """Calibrate as the command and Python say it.

    Parameters
    ----------
    files
        A scene and its truth, or two folders; none with a table.
    table
        A CSV with the columns map, truth and perhaps place; None for none.
    options
        Of the maps, by the names that `geoseg.Options` has.
    how
        As of `run.read_settings`.
    report
        Called with each event.
    **told
        Further keywords of `calibrate`.

    Returns
    -------
    Calibrated
        Nothing is written before its `write()`.

    Raises
    ------
    InputError
        If what is given does not go together.
    """
    from .run import find_pairs, read_settings

    pairs = [
        replace(pair, confidence=None) for pair in find_pairs(files, table, None, None, report)
    ]
    return calibrate(
        pairs,
        settings=read_settings(**how),
        options=Options.of(**options),
        report=report,
        **told,
    )
