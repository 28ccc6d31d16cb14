"""What a file of PyTorch's holds, told without unpickling or running anything of it."""

from __future__ import annotations

import io
import json
import pickletools
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..core.errors import ModelError
from ..core.interface import is_inside

TORCHSCRIPT = "TorchScript"
EXPORTED = "torch.export"
MOST_FILES = 100_000
MOST_BYTES = 4 << 30  # of all files of an archive, unpacked
MOST_PICKLES = 8  # one after the other in a file, as old ones of torch.save have five
BY_NAME = "(named as it is read)"  # what cannot be told for certain
MOST_TEXT = 64 << 20  # bytes of a file within it that is read here
# what zipfile raises for what is encrypted, packed in a way that it does not know, or cut off
ODD = (RuntimeError, NotImplementedError, EOFError)
CARD_FILE = "geoseg.json"  # among the texts of a file that geoseg exported: its card
LIKELY = (".pt", ".pt2", ".pth", ".pkl", ".pickle", ".bin", ".ckpt", ".tar", ".ts", ".joblib")
# what tensors by themselves are made of; with it a pickle makes nothing else
HARMLESS = re.compile(
    r"collections OrderedDict|torch\._utils _rebuild_(tensor(_v2|_v3)?|parameter)"
    r"|torch (Size|device|\w+Storage|b?float\d+|u?int\d+|bool|complex\d+)"
    r"|torch\.storage (TypedStorage|UntypedStorage)"
)
ANOTHER = "take another copy of it"
INSTEAD = (
    "where its code is, build the network, load its weights and save it as ONNX "
    "(torch.onnx.export), or with torch.export.save"
)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that holds a network, its code or its graph included."""

    kind: str
    """TORCHSCRIPT or EXPORTED."""
    extra: dict[str, str]
    """The texts that whoever saved it put into it, by their names."""


def read_archive(path: Path) -> Archive | None:
    """Tell what a file is.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Archive or None
        None where it is nothing that PyTorch writes.

    Raises
    ------
    ModelError
        If it is a pickle, which nothing but its own code can use, or no archive that can be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(2)
            file.seek(0)
            if head == b"PK":
                return _look_into(file, path)
            _refuse_pickle(path, file)
            return None
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error}") from error


def check_archive(data: bytes, path: Path, kind: str) -> None:
    """Refuse an archive that is of another kind, or holds pickled objects beside its network.

    Parameters
    ----------
    data
        All of the file.
    path
        Where it lies, for messages.
    kind
        TORCHSCRIPT or EXPORTED.

    Raises
    ------
    ModelError
        If it is not as it should be.
    """
    if data[:2] != b"PK":
        _refuse_pickle(path, io.BytesIO(data))
        raise ModelError(f"{path} is no archive of PyTorch's", f"a file of {kind}")
    found = _look_into(io.BytesIO(data), path)
    if found is None or found.kind != kind:
        raise ModelError(f"{path} is {found.kind if found else 'some zip file'}", kind)
    if kind == EXPORTED:
        with opened_zip(io.BytesIO(data), path) as archive:
            _check_pickles(archive, path)


@contextmanager
def opened_zip(file: IO[bytes], path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip whose files are few, not too large together, and lie below its own root.

    Parameters
    ----------
    file
        All of it.
    path
        Where it lies, for messages.

    Yields
    ------
    zipfile.ZipFile
        For reading: no file unpacks into more than it says.

    Raises
    ------
    ModelError
        If it is none, or is built so as to hurt.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            total = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_FILES or total > MOST_BYTES:
                raise ModelError(
                    f"{path} unpacks into {len(entries):,} files of {total:,} bytes",
                    f"at most {MOST_BYTES >> 30} GiB",
                )
            if len(set(names)) != len(names) or not all(
                is_inside(name.removesuffix("/")) for name in names
            ):
                raise ModelError(f"{path} holds files whose names lead elsewhere, or stand twice")
            if min((entry.header_offset for entry in entries), default=0) != 0:
                # of one that is cut off, the end of an archive within it is found
                raise ModelError(f"{path} is cut off, or no archive alone", do=ANOTHER)
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, *ODD) as error:
        raise ModelError(f"{path} cannot be read as an archive: {error}", do=ANOTHER) from error


def _look_into(file: IO[bytes], path: Path) -> Archive | None:
    with opened_zip(file, path) as archive:
        names = archive.namelist()
        if any("/data/aotinductor/" in f"/{name}" for name in names):
            raise ModelError(
                f"{path} is compiled: it holds the code of a processor",
                "a network as torch.export.save writes it",
            )
        ends = {name.partition("/")[2] or name for name in names}
        if "constants.pkl" in ends and any(end.startswith("code/") for end in ends):
            return Archive(TORCHSCRIPT, _extra(archive))
        if "serialized_exported_program.json" in {*ends, *names} or any(
            re.fullmatch(r"models/[^/]+\.json", end) for end in ends
        ):
            return Archive(EXPORTED, _extra(archive))
        if "data.pkl" in ends:
            (name, *_) = (each for each in names if each.endswith("data.pkl"))
            raise _pickled(path, _classes(_read(archive, name)) or {BY_NAME})
    return None


def _extra(archive: zipfile.ZipFile) -> dict[str, str]:
    found = {}
    for entry in archive.infolist():
        _, _, name = entry.filename.partition("/extra/")
        name = name or entry.filename.removeprefix("extra_files/")
        if name != entry.filename and name and entry.file_size <= MOST_TEXT:
            text = _read(archive, entry.filename)
            found[name] = text.decode("utf-8", errors="replace")
    return found


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """Read a file of an archive within bounds, whatever its directory says of its size."""
    with archive.open(name) as file:
        data = file.read(MOST_TEXT + 1)
    if len(data) > MOST_TEXT:
        raise ModelError(
            f"{name} of {archive.filename or 'the archive'} is too large to be looked at"
        )
    return data


def _check_pickles(archive: zipfile.ZipFile, path: Path) -> None:
    """Refuse an exported program that brings objects along: they would be unpickled as code says.

    Tensors of unusual kinds are pickled, too, as what the pickle alone makes.
    """
    names = archive.namelist()
    pickled = {name for name in names if name.endswith((".pt", ".pkl"))}
    for name in names:
        if not name.endswith("_config.json"):
            continue
        for place, entry in _payloads(_read(archive, name), path):
            if entry.get("use_pickle") or place.startswith(("custom_obj", "opaque_obj")):
                pickled.add(f"{name.rpartition('/')[0]}/{place}")
    for name in pickled & set(names):
        data = _read(archive, name)
        if not data:
            continue
        if data[:2] != b"PK":
            raise _objects(path, name, "a bare pickle")
        with opened_zip(io.BytesIO(data), path) as inner:
            for each in inner.namelist():
                if each.endswith(".pkl") and (
                    strange := _strange(_classes(_read(inner, each)) or {BY_NAME})
                ):
                    raise _objects(path, name, ", ".join(strange))


def _payloads(data: bytes, path: Path) -> list[tuple[str, dict[str, Any]]]:
    try:
        config = json.loads(data)["config"]
        return [(str(entry["path_name"]), entry) for entry in config.values()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"{path} is a damaged program of torch.export: {error}") from error


def _objects(path: Path, name: str, what: str) -> ModelError:
    return ModelError(
        f"{path} brings pickled objects along, in {name}: {what}",
        "a program of tensors alone",
        "export the network without them",
    )


def _refuse_pickle(path: Path, file: IO[bytes]) -> None:
    """Refuse a file that is a pickle by itself, as older programs write them."""
    data = file.read(MOST_TEXT)
    if data[:1] == b"\x80" or path.suffix.lower() in LIKELY:
        classes = _classes(data)
        if classes is not None:
            raise _pickled(path, classes)


def _pickled(path: Path, classes: set[str]) -> ModelError:
    strange = _strange(classes)
    if not strange:
        return ModelError(
            f"{path} holds weights without their network (torch.save)",
            "a network: ONNX, TorchScript (torch.jit.save) or torch.export.save",
            INSTEAD,
        )
    return ModelError(
        f"{path} holds pickled objects ({', '.join(strange[:5])}), which run code as they are "
        "read, and need theirs",
        "a network: ONNX, TorchScript (torch.jit.save) or torch.export.save; no --trust "
        "changes that",
        INSTEAD,
    )


def _strange(classes: set[str]) -> list[str]:
    return sorted(one.replace(" ", ".", 1) for one in classes if not HARMLESS.fullmatch(one))


def _classes(data: bytes) -> set[str] | None:
    """Return what the pickles of a file would import, each as "module name"; None if it has none.

    Nothing is imported: a pickle's own operations are listed.
    """
    found: set[str] = set()
    stream = io.BytesIO(data)
    operations: Callable[[IO[bytes]], Any] = pickletools.genops
    for count in range(MOST_PICKLES):
        texts = ["?", "?"]
        try:
            for operation, argument, _ in operations(stream):
                if operation.name in ("GLOBAL", "INST"):
                    found.add(str(argument))
                elif operation.name == "STACK_GLOBAL":
                    found.add(f"{texts[-2]} {texts[-1]} {BY_NAME}")
                elif operation.name.startswith("EXT"):
                    found.add(BY_NAME)
                elif isinstance(argument, str):
                    texts.append(argument)
        except (ValueError, IndexError, KeyError, EOFError, OverflowError, MemoryError):
            return found if found or count else None  # damaged, at its end, or no pickle at all
    return found
