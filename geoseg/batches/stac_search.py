"""Scenes that a STAC API finds, by its item search (https://api.stacspec.org/v1.0.0)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ..core.card import ModelCard
from ..core.errors import InputError
from ..core.events import Noted, Report, Warned
from ..core.options import Options
from ..core.redact import redact, without_secrets
from ..features.aoi import area_in_degrees
from ..prediction.stac_scene import scene_of_item
from ..scene.item_metadata import Scene
from ..scene.stac_assets import number_of, objects, properties_of, text_of

MOST = 1000  # scenes of a search that says no number
PAGE = 100  # items that are asked for at once
TIMEOUT = 30  # seconds without an answer
TRIES = 4  # more, where the server fails
SILENT = 2  # of these, where it does not answer at all
CLOUD = "eo:cloud_cover"  # https://github.com/stac-extensions/eo
_DAY = r"(?:\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?Z)?)?)?)"
_DATE = re.compile(rf"{_DAY}(?:/(?:{_DAY}|\.\.))?|\.\./{_DAY}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Search:
    """What a STAC API is asked for."""

    url: str
    """Of the API's first page."""
    collections: tuple[str, ...] = ()
    """The items are of one of these; () for all that the API has."""
    aoi: str | None = None
    """The area that they touch, a vector file or WKT; None is everywhere."""
    date: str | None = None
    """When, as 2026-06-01/2026-08-31, in days, months or years; None is always."""
    cloud: float | None = None
    """The most clouds in per cent of the scene, as its item says; None is any."""
    most: int = MOST
    """How many scenes it may find."""

    def __post_init__(self) -> None:
        if not re.match(r"https?://[^/]", self.url):
            raise InputError(f"--stac {self.url}", "the address of a STAC API, https://...")
        if self.date is not None and not _DATE.fullmatch(self.date):
            raise InputError(
                f"--date {self.date}", "a day, month or year, or two such as 2026-06/2026-08"
            )
        if self.cloud is not None and not (isfinite(self.cloud) and 0 <= self.cloud <= 100):
            raise InputError(f"--cloud {self.cloud:g}", "per cent from 0 to 100")
        if self.most < 1:
            raise InputError(f"--max-scenes {self.most}", "a number of scenes from 1 on")


def search_of(given: Mapping[str, Any]) -> Search | None:
    """Make a search of the options of the command.

    Parameters
    ----------
    given
        Options by name.

    Returns
    -------
    Search or None
        None where no API is named.

    Raises
    ------
    InputError
        If an option is none, or belongs to a search and there is none.
    """
    collections = given["collection"] or ()
    if isinstance(collections, str):
        collections = (collections,)
    if given["stac"]:
        return Search(
            given["stac"],
            tuple(collections),
            given["aoi"],
            given["date"],
            given["cloud"],
            MOST if given["max_scenes"] is None else given["max_scenes"],
        )
    for name in ("collection", "date", "cloud", "max_scenes"):
        if given[name]:
            raise InputError(
                f"--{name.replace('_', '-')} without --stac", "both: it narrows a search"
            )
    return None


def search_scenes(
    search: Search, cards: Sequence[ModelCard], options: Options, report: Report
) -> list[Scene]:
    """Ask a STAC API for scenes.

    Parameters
    ----------
    search
        What is asked for.
    cards
        Of the models that may be used: they decide which assets of an item are taken.
    options
        By which scenes are mapped.
    report
        Called with what was found, and what was left out.

    Returns
    -------
    list
        A scene for each item, in the API's order; each once.

    Raises
    ------
    InputError
        If the API does not answer, or finds nothing, or more than may be.
    """
    found: dict[tuple[str, str], Scene] = {}
    cloudy = unsaid = 0
    for number, item in enumerate(_items(search), 1):
        clouds = number_of(properties_of(item), CLOUD)
        if search.cloud is not None and (clouds is None or clouds > search.cloud):
            cloudy += clouds is not None
            unsaid += clouds is None
            continue
        key = str(item.get("collection")), str(item.get("id"))
        if key not in found and len(found) == search.most:
            raise InputError(
                f"{search.url} finds more than {search.most:,} scenes",
                f"at most {search.most:,}",
                "narrow the search with --collection, --aoi, --date or --cloud, or say "
                "--max-scenes N",
            )
        found[key] = scene_of_item(item, _base(item, search), number, cards, options)
    if unsaid:
        report(
            Warned(f"{unsaid:,} items say nothing of clouds ({CLOUD}), and are left out: --cloud")
        )
    if not found:
        raise InputError(
            f"{search.url} finds no scene{_why(cloudy, unsaid)}",
            "at least one",
            "see to --collection, --aoi, --date and --cloud",
        )
    report(Noted(f"{redact(search.url)} finds {len(found):,} scenes{_why(cloudy, 0)}"))
    return list(found.values())


def _why(cloudy: int, unsaid: int) -> str:
    reasons = [f"{cloudy:,} more have more clouds"] if cloudy else []
    reasons += [f"{unsaid:,} more do not say how many clouds they have"] if unsaid else []
    return f" ({', '.join(reasons)})" if reasons else ""


def _items(search: Search) -> Iterator[dict[str, Any]]:
    """Yield the items that the API gives, page after page."""
    try:
        import pystac_client
        from pystac_client.stac_api_io import StacApiIO
        from requests.exceptions import RequestException
        from urllib3.util import Retry
    except ImportError as error:
        raise InputError(
            "--stac needs pystac-client, which is not installed", do="pip install 'geoseg[stac]'"
        ) from error
    busy = Retry(
        TRIES,
        connect=SILENT,
        read=SILENT,
        backoff_factor=0.5,
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=None,  # a search is sent by POST, and changes nothing
    )
    about = f"the STAC API {search.url}"
    try:
        client = pystac_client.Client.open(
            search.url,
            stac_io=StacApiIO(max_retries=busy),
            timeout=TIMEOUT,  # here: opening sets it anew, and without it waits for ever
        )
        _check_collections(client, search)
        asked: dict[str, Any] = {
            "collections": list(search.collections) or None,
            "intersects": area_in_degrees(search.aoi) if search.aoi else None,
            "datetime": search.date,
            "limit": min(PAGE, search.most + 1),
        }
        if search.cloud is not None and client.conforms_to("QUERY"):
            asked["query"] = {CLOUD: {"lte": search.cloud}}
        seen: set[object] = set()
        for page in client.search(**asked).pages_as_dicts():
            items = objects(page, "features")
            new = {(text_of(item, "collection"), text_of(item, "id")) for item in items} - seen
            if items and not new:  # it would never end
                raise InputError(
                    f"{about} gives the same page again and again",
                    "pages of which each leads to the next",
                    "ask its operator, or narrow the search to one page",
                )
            seen |= new
            yield from items
    except (pystac_client.exceptions.APIError, RequestException) as error:
        said = without_secrets(" ".join(str(error).split()), search.url)
        raise InputError(
            f"{about} does not answer as one: {said or type(error).__name__}",
            do="see that it can be reached",
        ) from error
    # what is no STAC at all comes as one of these
    except (ValueError, KeyError, TypeError, AttributeError, NotImplementedError) as error:
        said = without_secrets(" ".join(str(error).split()), search.url)
        raise InputError(
            f"{about} is none: {said or type(error).__name__}",
            "the address of its first page, which lists what it can",
        ) from error


def _check_collections(client: Any, search: Search) -> None:
    """Refuse a collection that the API does not have: it would find nothing, or everything."""
    if not search.collections or not client.conforms_to("COLLECTIONS"):
        return
    there = {collection.id for collection in client.get_collections()}
    if missing := [name for name in search.collections if name not in there]:
        known = ", ".join(sorted(there)[:20])
        raise InputError(
            f"{search.url} has no collection {', '.join(missing)}", f"one of {known or 'none'}"
        )


def _base(item: Mapping[str, Any], search: Search) -> str:
    """The address from which an item's relative ones lead: its own, else the API's."""
    for link in objects(item, "links"):
        if link.get("rel") == "self" and "://" in text_of(link, "href"):
            return text_of(link, "href")
    return search.url
