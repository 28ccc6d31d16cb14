"""Models that a STAC item with the extension MLM (1.3 to 1.5) describes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urljoin

from ...core.card import Label, ModelCard, from_stac
from ...core.errors import InputError, ModelError
from ...core.files import check_regular
from ...core.interface import ARTIFACTS, Limits
from ...raster.fetch import read_file
from .. import FORMATS
from ..devices import visible_devices
from . import Fact, Fetch, Found, read_source
from .settle import colour_of, plain_name

MOST = 16 << 20  # bytes of an item
ME = "geoseg.models.sources.mlm:read"
ITEM = "the item"
TASKS = ("semantic-segmentation", "segmentation")
REGRESSION = "regression"
SHA256 = "1220"  # how a multihash of SHA-256 begins: its code, and its 32 bytes
DESCRIBED = ("bands", "eo:bands", "raster:bands")  # where bands are described
PROCESSORS = ("amd64", "intel-ipex-cpu")
RESIZED = ("interpol", "wrap")  # how the names of those begin that change the size of a pixel
# what each way of scaling is as ((value - mean) / std), or as limits
Step = tuple[float, float, Limits]


def read(location: str, fetch: Fetch) -> Found | None:
    """Read an item, and the file of the network that it points at.

    Parameters
    ----------
    location
        A path or an address that ends in .json; of anything else None comes back.
    fetch
        Brings files here.

    Returns
    -------
    Found or None
        What the item says, beside what the network's own file does.

    Raises
    ------
    ModelError
        If it asks for what geoseg does not do, or for a file that it cannot run. InputError, if
        it cannot be read.
    """
    if not location.partition("?")[0].lower().endswith((".json", ".geojson")):
        return None
    if "://" not in location and not Path(location).is_file():
        return None
    try:
        item = json.loads(read_file(location, MOST))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{location} is no JSON: {error}", "a STAC item") from error
    properties = item.get("properties") if isinstance(item, dict) else None
    if not isinstance(properties, dict) or not any(name.startswith("mlm:") for name in properties):
        return None
    if "geoseg:gsd_range" in properties:  # one that geoseg wrote: it says all
        return _own(item, location, fetch)
    found = _artifact(item, location, fetch)
    facts, notes = item_facts(_with_asset(item, properties), location)
    if "license" in item and "licence" not in facts:
        facts["licence"] = Fact(str(item["license"]), ITEM)
    kind = f"a STAC MLM item, pointing at {found.kind},"
    return replace(found, kind=kind, facts={**found.facts, **facts}, notes=(*found.notes, *notes))


def _with_asset(item: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told of a model: MLM's fields of its asset come before those of the item, and
    its bands are those of the asset where the item has none.
    """
    for asset in item["assets"].values():
        if isinstance(asset, dict) and "mlm:model" in (asset.get("roles") or ()):
            fields = {name: told for name, told in asset.items() if name.startswith("mlm:")}
            bands = {name: asset[name] for name in DESCRIBED if name in asset}
            return {**bands, **properties, **fields}
    return dict(properties)


def _own(item: Mapping[str, Any], location: str, fetch: Fetch) -> Found:
    """Return the bundle of a card that lies by itself, with the file that it points at."""
    try:
        card = from_stac(item)
        asset = item["assets"]["model"]
        href = str(asset["href"])
        digest = str(asset.get("file:checksum", ""))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"{location} is a damaged card: {error}") from error
    interface = card.interface
    if interface and interface.artifact not in FORMATS:
        raise ModelError(
            f"{location} points at {href}, a network for {ARTIFACTS[interface.artifact]}, which "
            "geoseg writes and does not read",
            f"one of {', '.join(FORMATS)}",
            "export it again with --to onnx",
        )
    names = [interface.artifact, *interface.companions] if interface else ["model.safetensors"]
    places = [href, *(PurePosixPath(href).parent.joinpath(name).as_posix() for name in names[1:])]
    files = {
        name: fetch(_resolved(place, location)) for name, place in zip(names, places, strict=True)
    }
    _check_digest(next(iter(files.values())), digest, location)
    return Found("a card of geoseg's", files, card=card)


def held_card(text: str, where: str, artifact: str) -> ModelCard:
    """Read the card that geoseg wrote into a file that it exported.

    Parameters
    ----------
    text
        JSON.
    where
        It lies, for messages.
    artifact
        What the file is called in a bundle.

    Returns
    -------
    ModelCard
        Of that very kind of file.

    Raises
    ------
    ModelError
        If it is damaged, or another network's.
    """
    try:
        card = from_stac(json.loads(text))
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ModelError(f"the card in {where} is damaged: {error}") from error
    if card.interface is None or card.interface.artifact != artifact:
        raise ModelError(f"the card in {where} is another network's", f"that of a {artifact}")
    return card


def _check_digest(file: Path, told: str, location: str) -> None:
    """Refuse a file that is another than its item was written for.

    References
    ----------
    https://github.com/stac-extensions/file: a multihash, here of SHA-256.
    """
    if not told.lower().startswith(SHA256):
        return
    check_regular(file)
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if told.lower() != SHA256 + found:
        raise ModelError(
            f"{file} has the SHA-256 {found}",
            f"{told[len(SHA256) :]}, as {location} says",
            "take the files that were written together",
        )


def _artifact(item: Mapping[str, Any], location: str, fetch: Fetch) -> Found:
    """Return what the first asset is that geoseg can run."""
    assets = item.get("assets")
    listed = assets if isinstance(assets, dict) else {}
    models = {
        name: asset
        for name, asset in listed.items()
        if isinstance(asset, dict)
        and isinstance(asset.get("href"), str)
        and ("mlm:model" in (asset.get("roles") or ()) or "mlm:artifact_type" in asset)
    }
    refusals: list[ModelError] = []
    # what is data comes first: nobody has to trust it
    for asset in sorted(models.values(), key=_holds_code):
        try:
            found = read_source(_resolved(asset["href"], location), fetch, leave_out=ME)
            _check_digest(
                next(iter(found.files.values())), str(asset.get("file:checksum", "")), location
            )
            return found
        except ModelError as error:
            refusals.append(error)
        except InputError:  # another of the assets may be one that geoseg runs
            continue
    if refusals:
        raise refusals[0]
    told = ", ".join(
        f"{name} ({asset.get('mlm:artifact_type', 'of no kind that is told')}, {asset['href']})"
        for name, asset in models.items()
    )
    raise ModelError(
        f"{location} points at {told or 'no model'}",
        "a file that is here and that geoseg runs: ONNX (.onnx), TorchScript, a program of "
        "torch.export (.pt2), or a bundle of its own",
    )


def _holds_code(asset: Mapping[str, Any]) -> bool:
    kind = str(asset.get("mlm:artifact_type", "")).lower()
    return kind.startswith("torch.") or str(asset["href"]).lower().endswith((".pt", ".pth", ".pt2"))


def _resolved(href: str, location: str) -> str:
    """Return where an asset lies; what comes over the web names no file of this machine."""
    if "://" in location:
        found = urljoin(location, href)
        if not found.startswith(("http://", "https://", "s3://", "gs://", "az://")):
            raise ModelError(f"the item points at {href}", "an address, as the item's own")
        return found
    if "://" in href:
        return href
    return str(Path(location).parent / PurePosixPath(href))


def item_facts(properties: Mapping[str, Any], where: str) -> tuple[dict[str, Fact], list[str]]:
    """Read what an item says of a model.

    Parameters
    ----------
    properties
        Of the item.
    where
        It lies, for messages.

    Returns
    -------
    tuple
        Facts by name, and what a user should know beside them.

    Raises
    ------
    ModelError
        If it asks for what geoseg does not do, or is no item of MLM.
    """
    try:
        return _facts(properties)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ModelError(
            f"{where} is no item of MLM 1.3 to 1.5: {type(error).__name__}: {error}"
        ) from error


def _facts(properties: Mapping[str, Any]) -> tuple[dict[str, Fact], list[str]]:
    notes: list[str] = []
    tasks = properties.get("mlm:tasks") or []
    if tasks and not set(tasks) & {*TASKS, REGRESSION}:
        raise ModelError(
            f"the item's model is for {', '.join(map(str, tasks))}",
            f"semantic-segmentation or {REGRESSION}",
        )
    inputs = properties["mlm:input"]
    if len(inputs) != 1:
        raise ModelError(f"the item's model takes {len(inputs)} inputs", "one, of pixels")
    entry = inputs[0]
    if entry.get("pre_processing_function"):
        raise ModelError(
            f"the item asks for {_shown(entry['pre_processing_function'])} before the network",
            "no code of its own",
            "let the network's file do it, or say with --scale, --mean and --std what it does, and "
            "take the file itself",
        )
    facts: dict[str, Any] = {"name": plain_name(str(properties["mlm:name"]))}
    for name, key in (("description", "description"), ("architecture", "mlm:architecture")):
        if properties.get(key):
            facts[name] = str(properties[key])
    licence = properties.get("license")
    if isinstance(licence, str) and re.fullmatch(r"[\w.+-]+", licence, re.ASCII):
        facts["licence"] = licence
    sensor = [properties.get(key) for key in ("constellation", "platform")]
    if told := next((each for each in sensor if isinstance(each, str) and each), ""):
        facts["sensor"] = told
    bands = entry.get("bands") or []
    if bands:
        facts["bands"] = tuple(_band_name(each, properties) for each in bands)
    found = {name: Fact(value, ITEM) for name, value in facts.items()}
    found |= _scaling_facts(entry, len(bands))
    found |= _gsd(properties, str(entry.get("resize_type") or ""))
    output = _output(properties["mlm:output"], tasks)
    numbers = not set(output.get("tasks") or tasks or TASKS) & set(TASKS)
    if numbers:
        found["result"] = Fact("numbers", ITEM)
    if classes := output.get("classification:classes") or output.get("classification_classes"):
        found["classes"] = _classes(classes)
    if numbers and output.get("post_processing_function"):
        raise ModelError(
            f"the item asks for {_shown(output['post_processing_function'])} behind the network",
            "numbers as the network gives them",
            "let the network's file do it",
        )
    if output.get("post_processing_function"):
        notes.append(
            f"the item asks for {_shown(output['post_processing_function'])} behind the network: "
            "not run, see whether the scores are what you expect"
        )
    notes += _accelerator(properties)
    return found, notes


def _accelerator(properties: Mapping[str, Any]) -> list[str]:
    """Return a note on what the maker computes it on; refuse what it needs and is not here."""
    wanted = properties.get("mlm:accelerator")
    if not isinstance(wanted, str) or not wanted:
        return []
    if not properties.get("mlm:accelerator_constrained"):
        return [f"made for {wanted}, and not for that alone"]
    if wanted in PROCESSORS:
        return [f"made for processors alone ({wanted}): say --device cpu where there is a GPU"]
    if wanted == "cuda" and visible_devices():
        return ["made for NVIDIA's GPUs alone: say --device cuda"]
    raise ModelError(
        f"the item says that nothing but {wanted} can compute its model",
        "a processor, or a GPU of NVIDIA's that is here",
        "take the network's file itself if you know that it runs elsewhere as well",
    )


def _shown(function: Any) -> str:
    text = function.get("expression", function) if isinstance(function, dict) else function
    return f"the function {str(text)[:80]!r}"


def _band_name(band: Any, properties: Mapping[str, Any]) -> str:
    if isinstance(band, dict):
        if band.get("expression"):
            raise ModelError(
                f"the item's band {band.get('name')} is {_shown(band)} of others",
                "bands as they stand in a file",
            )
        band = band["name"]
    told = (
        each.get("eo:common_name") or each.get("common_name")
        for key in DESCRIBED
        for each in properties.get(key) or ()
        if isinstance(each, dict) and each.get("name") == band
    )
    known = next(filter(None, told), "")
    return str(known or band)


def _scaling_facts(entry: Mapping[str, Any], count: int) -> dict[str, Fact]:
    # omitted, it means none as well; many published items only forgot it
    told = "value_scaling" in entry
    given = entry.get("value_scaling")
    steps = [given] if isinstance(given, dict) else list(given or [{}])
    if count and len(steps) not in (1, count):
        raise ModelError(f"the item scales {len(steps)} bands of {count}", "one way, or one a band")
    means, stds, clips = zip(*map(_step, steps), strict=True)
    source = ITEM if told else "an item without value_scaling"
    found = {
        "mean": Fact(tuple(means), source, certain=told),
        "std": Fact(tuple(stds), source, certain=told),
    }
    if any(clip != (None, None) for clip in clips):
        found["clip"] = Fact(tuple(clips) * (count if len(clips) == 1 else 1), ITEM)
    # numbers that no reflectance from 0 to 1 has are those of the file as they stand
    ends = [abs(end) for clip in clips for end in clip if end is not None]
    large = max([abs(mean) + std for mean, std in zip(means, stds, strict=True)] + ends)
    found["scale"] = Fact(1.0, ITEM if large > 3 else "a guess", certain=large > 3)
    kinds = {
        kind
        for kind in (entry.get("input", {}).get("data_type"), *_types(entry))
        if kind in ("uint8", "uint16", "int16")
    }
    if kinds:
        found["dtypes"] = Fact(tuple(sorted(kinds)), ITEM)
    elif large > 3:
        found["dtypes"] = Fact(
            ("uint8",) if large <= 510 else ("uint16",), "a guess", certain=False
        )
    return found


def _types(entry: Mapping[str, Any]) -> list[Any]:
    return [band.get("data_type") for band in entry.get("bands") or () if isinstance(band, dict)]


def _step(step: Mapping[str, Any] | None) -> Step:
    """Return one way of scaling as mean, deviation and limits.

    References
    ----------
    https://github.com/stac-extensions/mlm#value-scaling-object
    """
    step = step or {}
    kind = step.get("type")
    if kind is None and step.keys() - {"type"}:
        raise ModelError(
            f"the item scales values by {step}, and does not say how: it has no type",
            "a type, such as min-max or z-score",
            "take the file itself, and say what is done to values with --scale, --mean and --std",
        )
    everywhere: Limits = (None, None)
    match kind:
        case None:
            return 0.0, 1.0, everywhere
        case "min-max":
            low, high = float(step["minimum"]), float(step["maximum"])
            return low, high - low, everywhere
        case "z-score":
            return float(step["mean"]), float(step["stddev"]), everywhere
        case "offset":
            return float(step["value"]), 1.0, everywhere
        case "scale":
            return 0.0, float(step["value"]), everywhere
        case "clip" | "clip-min" | "clip-max":
            low_end = None if kind == "clip-max" else float(step["minimum"])
            high_end = None if kind == "clip-min" else float(step["maximum"])
            return 0.0, 1.0, (low_end, high_end)
    raise ModelError(
        f"the item scales values by {kind!r}",
        "min-max, z-score, clip, clip-min, clip-max, offset or scale",
        "take the file itself, and say what is done to values with --scale, --mean and --std",
    )


def _gsd(properties: Mapping[str, Any], resized: str) -> dict[str, Fact]:
    bands = {
        band.get(key)
        for name in DESCRIBED
        for band in properties.get(name) or ()
        if isinstance(band, dict)
        for key in ("gsd", "raster:spatial_resolution", "spatial_resolution")
    }
    own = _size(properties.get("gsd"))
    sizes = [each for each in (own, *map(_size, bands)) if each]
    if not sizes:
        return {}
    if resized.startswith(RESIZED):
        # of images that were enlarged or shrunk, a pixel is not what the network saw
        return {"gsd": Fact(sizes[0], f"{ITEM}, before {resized}", certain=False)}
    if not own and len(sizes) > 1:
        return {"gsd": Fact(min(sizes), "the finest of several bands' pixels", certain=False)}
    return {"gsd": Fact(sizes[0], ITEM)}


def _size(value: Any) -> float:
    """Return a size in metres, or 0 for anything else."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return float(value) if number else 0.0


def _output(outputs: list[Any], tasks: list[Any]) -> dict[str, Any]:
    """The output of classes; of a model that has none, that of numbers."""
    told = [set(each.get("tasks") or tasks or TASKS) for each in outputs]
    for wanted in (set(TASKS), {REGRESSION}):
        fitting = [each for each, kinds in zip(outputs, told, strict=True) if kinds & wanted]
        if fitting:
            break
    if len(fitting) != 1:
        raise ModelError(f"the item has {len(fitting)} outputs of classes or of numbers", "one")
    return dict(fitting[0])


def _classes(classes: list[Mapping[str, Any]]) -> Fact:
    """Return the classes in the order of the scores."""
    labels = _labels(classes)
    ordered = tuple(sorted(labels, key=lambda label: label.value))
    if [label.value for label in ordered] == list(range(len(labels))):
        return Fact(ordered, ITEM)  # a value is the index of its score, however they are listed
    return Fact(labels, ITEM, certain=labels == ordered)


def _labels(classes: list[Mapping[str, Any]]) -> tuple[Label, ...]:
    found: list[Label] = []
    for i, entry in enumerate(classes):
        value = entry.get("value", i)
        named = entry.get("title") or entry.get("name") or entry.get("description")
        name = " ".join(str(named or f"class {value}").split())
        if name in {label.name for label in found}:
            name = f"{name} {value}"
        if int(value) != float(value):
            raise ValueError(f"the value {value} of {name} is no whole number")
        found.append(Label(int(value), name, _colour(entry.get("color_hint"), i)))
    return tuple(found)


def _colour(hint: Any, index: int) -> str:
    if isinstance(hint, str) and re.fullmatch(r"#?[0-9a-fA-F]{6}", hint):
        return f"#{hint.lstrip('#').lower()}"
    whole = isinstance(hint, list) and len(hint) == 3 and all(type(each) is int for each in hint)
    if whole and all(0 <= each <= 255 for each in hint):
        return "#" + "".join(f"{each:02x}" for each in hint)
    return colour_of(index)
