"""What a Sentinel-2 product's metadata says of its digital numbers, from .SAFE names, XML or tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..card import Scaling

_SAFE = re.compile(r"S2[A-D]_MSI(L1C|L2A)_\d{8}T\d{6}_N(\d{2})(\d{2})_R\d{3}_T\w{5}_\d{8}T\d{6}", re.ASCII)
_TAGS = ("PROCESSING_BASELINE", "S2:PROCESSING_BASELINE", "processing:baseline", "s2:processing_baseline")
_METADATA_LIMIT = 4 << 20  # bytes of XML that are looked at: real ones have about 60 kB
# From baseline 04.00 on (25 January 2022) DN = reflectance x 10000 + 1000, so that dark pixels stay above 0:
# https://sentiwiki.copernicus.eu/web/s2-processing
_OFFSET_SINCE = (4, 0)


@dataclass(frozen=True, slots=True)
class Product:
    """A satellite product that the files belong to, and the scaling of its digital numbers."""

    sensor: str | None = None
    label: str | None = None
    scaling: Scaling | None = None
    notes: tuple[str, ...] = ()


def find_product(paths: Sequence[str], tags: Mapping[str, str]) -> Product | None:
    """Return the Sentinel-2 product that the scene's files or tags name, or None."""
    found = {_from_path(path) for path in paths}
    if len(found) == 1 and (product := found.pop()):
        return product
    for tag in _TAGS:
        if match := re.fullmatch(r"N?(\d{2})\.?(\d{2})", tags.get(tag, "").strip()):
            level = tags.get("PRODUCT_LEVEL") or tags.get("PROCESSING_LEVEL") or ""
            return _product(level, int(match[1]), int(match[2]), f"the tag {tag}")
    return None


def _from_path(path: str) -> Product | None:
    for text in _metadata(Path(path)):
        if product := _from_xml(text):
            return product
    match = _SAFE.search(str(Path(path).absolute()))
    return _product(match[1], int(match[2]), int(match[3]), "the product's name") if match else None


def _metadata(path: Path) -> Iterator[str]:
    """The product's XML beside the file or above it, up to the .SAFE folder. Never parsed: files are hostile."""
    for folder in list(path.absolute().parents)[:5]:
        try:
            files = sorted(folder.glob("MTD_MSIL*.xml"))
        except OSError:
            continue
        for file in files[:1]:
            with file.open("rb") as stream:
                yield stream.read(_METADATA_LIMIT).decode("utf-8", "replace")
            return
        if folder.suffix == ".SAFE":
            return


def _from_xml(text: str) -> Product | None:
    baseline = re.search(r"<PROCESSING_BASELINE>(\d{2})\.(\d{2})</PROCESSING_BASELINE>", text)
    if not baseline:
        return None
    level = "L2A" if "S2MSI2A" in text or "Level-2A" in text else "L1C"
    quantum = re.search(r"<(?:BOA_)?QUANTIFICATION_VALUE[^<>]*>(\d{1,9})<", text)
    offsets = {int(number) for number in re.findall(r"<(?:BOA_ADD|RADIO_ADD)_OFFSET[^<>]*>(-?\d{1,9})<", text)}
    label = f"{level} N{baseline[1]}{baseline[2]}"
    if not quantum or int(quantum[1]) == 0 or len(offsets) > 1:
        return _product(level, int(baseline[1]), int(baseline[2]), "the product's metadata")
    divisor, add = int(quantum[1]), next(iter(offsets), 0)
    return Product(
        "Sentinel-2",
        f"Sentinel-2 {label}",
        Scaling(1 / divisor, add / divisor),
        (f"Sentinel-2 {label}: reflectance = (DN {add:+d}) / {divisor}, from the product's metadata",),
    )


def _product(level: str, major: int, minor: int, source: str) -> Product:
    level = next((name for name in ("L1C", "L2A") if name in level.upper()), "")
    label = " ".join(filter(None, ("Sentinel-2", level, f"N{major:02d}{minor:02d}")))
    offset = -0.1 if (major, minor) >= _OFFSET_SINCE else 0.0
    note = f"{label}: reflectance = (DN {-1000 if offset else 0:+d}) / 10000, from {source}"
    return Product("Sentinel-2", label, Scaling(1e-4, offset), (note,))
