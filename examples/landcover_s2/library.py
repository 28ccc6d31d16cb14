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
