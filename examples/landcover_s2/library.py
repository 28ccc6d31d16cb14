"""Spectra of soils, rocks, roofs, plants and litter from the package earthlib, as Sentinel-2
sees them from space.
"""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path

import numpy as np

HALF = 0.02  # micrometres: a band's half width, near enough for all nine
WAVES = (0.492, 0.560, 0.665, 0.704, 0.740, 0.783, 0.833, 1.614, 2.202)
LEAST = 3  # spectra: a kind of fewer is left out
KEPT_OUT = 3  # the first of them: every fourth spectrum measures how a model does on new ones
# snow, fresh to old: by grain size in the infrared, by soot and litter in visible light; rounded
# from figures of Warren (1982, doi 10.1029/RG020i001p00067)
SNOW = 10_000 * np.array(
    [
        [0.97, 0.97, 0.96, 0.95, 0.95, 0.93, 0.91, 0.25, 0.20],
        [0.93, 0.93, 0.92, 0.91, 0.89, 0.87, 0.84, 0.14, 0.11],
        [0.86, 0.86, 0.85, 0.83, 0.81, 0.78, 0.73, 0.07, 0.06],
        [0.90, 0.91, 0.90, 0.88, 0.86, 0.83, 0.79, 0.10, 0.08],
        [0.72, 0.73, 0.72, 0.70, 0.67, 0.63, 0.58, 0.04, 0.03],
        [0.55, 0.58, 0.60, 0.59, 0.57, 0.54, 0.49, 0.05, 0.04],
    ]
)


def spectra(gain: np.ndarray, offset: np.ndarray) -> list[np.ndarray]:
    """Return numbers of L1C [spectrum, band] for each kind of surface; gain and offset lead there
    from the ground's.

    The package's files are read as data, and nothing of it is imported: it would bring readers for
    all of them.
    """
    found = find_spec("earthlib")
    if found is None or found.origin is None:
        raise SystemExit("the package earthlib is not installed: pip install --no-deps earthlib")
    folder = Path(found.origin).parent / "data"
    with (folder / "spectra.csv").open(encoding="utf-8", newline="") as file:
        kinds = [row["LEVEL_3"] for row in csv.DictReader(file)]
    curves = np.fromfile(folder / "spectra.sli", "<f4").reshape(len(kinds), -1)
    waves = np.linspace(0.4, 2.45, curves.shape[1])
    ground = np.stack([curves[:, abs(waves - wave) <= HALF].mean(axis=1) for wave in WAVES], axis=1)
    ground = np.clip(ground, 0.001, 1.2) * 10_000 * gain + offset
    named = np.array(kinds)
    groups = [ground[named == kind] for kind in sorted(set(kinds))]
    return [group for group in groups if len(group) >= LEAST]


def ground_spectra(kept_out: bool = False) -> list[np.ndarray]:
    """Return numbers of L2A [spectrum, band] for each kind of surface, snow among them: those that
    are trained on, or every fourth, which is kept out.
    """
    groups = [*spectra(np.ones(len(WAVES)), np.zeros(len(WAVES))), SNOW]
    groups = [group for group in groups if len(group) > KEPT_OUT]
    return [
        group[KEPT_OUT::4] if kept_out else np.delete(group, np.s_[KEPT_OUT::4], axis=0)
        for group in groups
    ]
