"""Folders of a network: config.json, and weights in the format safetensors beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core.errors import ModelError
from ...core.files import check_regular

CONFIG = "config.json"
WHOLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
MOST = 4 << 20  # bytes of a JSON file
SHARD = re.compile(r"[\w-]+\.safetensors", re.ASCII)
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt")


def find_folder(location: str) -> Path | None:
    """Find the folder of a network.

    Parameters
    ----------
    location
        Its path, or that of its config.json or of a file of weights in it.

    Returns
    -------
    Path or None
        One that holds a config.json and no card of geoseg's.

    Raises
    ------
    ModelError
        If the file holds weights, and is not the one that the network is loaded from.
    """
    path = Path(location)
    if path.is_file() and path.name != CONFIG and path.suffix != ".safetensors":
        return None
    folder = path.parent if path.is_file() else path
    known = (folder / CONFIG).is_file() and not (folder / "card.json").is_file()
    if known and path.suffix == ".safetensors" and path not in (used := weight_files(folder)):
        raise ModelError(
            f"{path.name} is not what a network of {folder} is loaded from",
            ", ".join(file.name for file in used),
            f"put it into a folder with a copy of {CONFIG}, as {WHOLE}",
        )
    return folder if known else None


def read_object(path: Path) -> Mapping[str, Any]:
    """Read a small JSON file of a stranger that holds an object.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Mapping
        What it holds.

    Raises
    ------
    ModelError
        If it cannot be read, or holds anything else. InputError, if it is no file.
    """
    check_regular(path)
    try:
        if path.stat().st_size > MOST:
            raise ModelError(f"{path} is larger than {MOST / 1e6:.0f} MB", "a small JSON file")
        found = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise ModelError(f"{path} holds {type(found).__name__}", "a JSON object")
    return found


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is no number")


def weight_files(folder: Path) -> tuple[Path, ...]:
    """Find the weights of a network, in one file or in those that an index names.

    Parameters
    ----------
    folder
        Where they lie.

    Returns
    -------
    tuple of Path
        Files in the format safetensors; nothing has been read but the index.

    Raises
    ------
    ModelError
        If there are none, or some are missing. Weights as a pickle are never opened.
    """
    if (folder / WHOLE).is_file():
        return (folder / WHOLE,)
    if (folder / INDEX).is_file():
        files = tuple(folder / name for name in weight_names(folder))
        if lacking := [file.name for file in files if not file.is_file()]:
            raise ModelError(
                f"{folder} lacks {', '.join(lacking)}", f"all files that {INDEX} names"
            )
        return files
    pickles = sorted(file.name for file in folder.iterdir() if file.suffix in PICKLES)
    raise ModelError(
        f"{folder} holds weights as a pickle alone ({pickles[0]}), which could run any code, and "
        "was not opened"
        if pickles
        else f"{folder} holds no weights",
        WHOLE,
        "where you trust the file, save the network anew with its own library, as safetensors: "
        "save_pretrained does"
        if pickles
        else "",
    )


def weight_names(folder: Path) -> tuple[str, ...]:
    """Return the files of weights that the index of a folder names.

    Parameters
    ----------
    folder
        Where the index lies.

    Returns
    -------
    tuple of str
        Plain names, sorted; whether they are there or not.

    Raises
    ------
    ModelError
        If the index cannot be read, or names anything else.
    """
    places = read_object(folder / INDEX).get("weight_map")
    named = places.values() if isinstance(places, dict) else ()
    odd = [name for name in named if not (isinstance(name, str) and SHARD.fullmatch(name))]
    if odd or not named:
        raise ModelError(f"{folder / INDEX} names no files of weights: {str(odd[:1])[:80]}")
    return tuple(sorted(set(named)))
