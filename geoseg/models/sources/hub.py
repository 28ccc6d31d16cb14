"""Models of the Hugging Face hub, hf://OWNER/NAME[@REVISION]: what is needed, and checked."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...core.card import read_card
from ...core.errors import GeosegError, InputError, ModelError
from ...core.redact import without_secrets
from ..engine import first_line
from . import Fact, Fetch, Found, read_source
from .folder import CONFIG, INDEX, PICKLES, WHOLE, weight_names

ME = "geoseg.models.sources.hub:read"
SCHEME = "hf://"
WORD = r"[A-Za-z0-9][\w.-]*"
ADDRESS = re.compile(rf"hf://({WORD}/{WORD})(?:@({WORD}(?:/{WORD})*))?", re.ASCII)
ENDPOINT = "https://huggingface.co"
CARD = "card.json"
BESIDE = ("preprocessor_config.json", "README.md")  # taken where they are
MOST = 16 << 30  # bytes of one file
PACKAGES = ("huggingface_hub", "httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3")


def read(location: str, fetch: Fetch) -> Found | None:
    """Read a model of the hub.

    Parameters
    ----------
    location
        hf://OWNER/NAME, or with @ and a branch, tag or commit; of anything else None comes back.
    fetch
        Makes room for its files.

    Returns
    -------
    Found or None
        What its files say, and which commit they are of.

    Raises
    ------
    InputError
        If it cannot be fetched. ModelError, if it is no model that geoseg reads.
    """
    if not location.startswith(SCHEME):
        return None
    match = ADDRESS.fullmatch(location)
    if match is None:
        raise InputError(f"{location} is no address of the hub", "hf://OWNER/NAME[@REVISION]")
    name = match[1]
    folder = fetch.new_folder() / name.rpartition("/")[2]
    folder.mkdir()
    with _errors(name):
        commit, size = _bring(name, match[2], folder)
    source = f"hf://{name}, commit {commit}"
    found = read_source(str(folder), fetch, leave_out=ME)
    notes = (*found.notes, f"from {source} of {_endpoint()}: {size / 1e6:,.1f} MB")
    if found.card is not None:
        told = f"{found.card.description.rstrip('. ')}. From {source}."
        return replace(found, notes=notes, card=replace(found.card, description=told))
    kind = found.facts["architecture"].value if "architecture" in found.facts else found.kind
    description = Fact(f"{kind}, from {source}", location)
    return replace(found, notes=notes, facts={**found.facts, "description": description})


def _endpoint() -> str:
    return (os.environ.get("HF_ENDPOINT") or ENDPOINT).rstrip("/")


def _bring(name: str, revision: str | None, folder: Path) -> tuple[str, int]:
    """Bring the files that make up the model; return their commit, and their bytes."""
    from huggingface_hub import HfApi

    hub = HfApi(endpoint=_endpoint(), library_name="geoseg")
    info = hub.model_info(name, revision=revision, files_metadata=True)
    if not re.fullmatch(r"[0-9a-f]{40}", str(info.sha), re.ASCII):
        raise ModelError(f"the hub names no commit of {name}")
    listed = {file.rfilename: file for file in info.siblings or ()}
    size = 0

    def take(*names: str) -> None:
        nonlocal size
        for each in names:
            if each not in listed:
                raise ModelError(
                    f"hf://{name} lacks {each}", f"all files that {CARD} or {INDEX} names"
                )
            if (listed[each].size or 0) > MOST:
                raise InputError(f"{each} of hf://{name} is larger than {MOST / 1e9:,.0f} GB")
            path = hub.hf_hub_download(name, each, revision=info.sha, local_dir=folder)
            _check(Path(path), listed[each], name)
            size += Path(path).stat().st_size

    if CARD in listed:
        take(CARD)
        interface = read_card(folder / CARD).interface
        take(*([interface.artifact, *interface.companions] if interface else [WHOLE]))
    elif CONFIG in listed and (WHOLE in listed or INDEX in listed):
        take(CONFIG, *(each for each in BESIDE if each in listed))
        if WHOLE in listed:
            take(WHOLE)
        else:
            take(INDEX)
            take(*weight_names(folder))
    else:
        raise _unknown(name, listed)
    return str(info.sha), size


def _check(path: Path, said: Any, name: str) -> None:
    """Compare a file with what the hub says of it: its size and its digest."""
    size = path.stat().st_size
    if said.lfs is not None:
        digest, expected = hashlib.sha256(), str(said.lfs.sha256)
    else:  # as git names what it holds
        digest, expected = hashlib.sha1(usedforsecurity=False), str(said.blob_id)
        digest.update(f"blob {size}\0".encode())
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    if digest.hexdigest() != expected or (said.size is not None and size != said.size):
        raise InputError(
            f"{path.name} of hf://{name} arrived as other bytes than the hub says", do="try again"
        )


def _unknown(name: str, listed: Mapping[str, Any]) -> ModelError:
    """Return the refusal of a repository that holds no weights as data."""
    pickles = sorted(each for each in listed if each.endswith(PICKLES))
    told = ", ".join(sorted(listed)[:12]) or "nothing"
    return ModelError(
        f"hf://{name} holds weights as a pickle alone ({pickles[0]}), which could run any code, "
        "and was not fetched"
        if pickles
        else f"hf://{name} holds {told}",
        f"{CARD}, or {CONFIG} with {WHOLE}",
    )


@contextmanager
def _errors(name: str) -> Iterator[None]:
    """Say in words why the hub gave nothing; its bars are for terminals alone."""
    from huggingface_hub import errors
    from huggingface_hub import utils as found

    utils: Any = found  # which has no types of its own
    shown = not utils.are_progress_bars_disabled()
    level = utils.logging.get_verbosity()
    if shown and not sys.stderr.isatty():
        utils.disable_progress_bars()
    utils.logging.set_verbosity_error()
    try:
        yield
    except GeosegError:
        raise
    except errors.GatedRepoError as error:
        raise InputError(
            f"hf://{name} is given to those alone who accept its terms",
            do=f"accept them at {_endpoint()}/{name}, and set HF_TOKEN",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise InputError(f"hf://{name} has no such revision", "a branch, tag or commit") from error
    except errors.RepositoryNotFoundError as error:
        raise InputError(
            f"there is no hf://{name}, or it is not for everybody",
            do="see to the name; of a private one, set HF_TOKEN",
        ) from error
    except Exception as error:
        package = type(error).__module__.partition(".")[0]
        if not isinstance(error, OSError) and package not in PACKAGES:
            raise
        text = first_line(error)
        said = without_secrets(text, _endpoint())
        raise InputError(f"hf://{name} cannot be fetched from {_endpoint()}: {said}") from error
    finally:
        utils.logging.set_verbosity(level)
        if shown:
            utils.enable_progress_bars()
