"""From what is said of a model to its card: what is certain, what is guessed, what is missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from math import isclose
from typing import Any

from ...core.card import COMMON_NAMES, Band, Label, ModelCard, Scaling
from ...core.errors import ModelError
from ...core.interface import Interface, Limits
from ...scene.bands import COMMON, SENTINEL2, code, common, sensors_in
from ...scene.wavelengths import centre
from . import Fact, Facts, Found

# what a source has to say for certain, or the user: the option that says it, and what is asked
ASKED = {
    "bands": ("--bands", "which bands it takes, in their order"),
    "classes": ("--classes", "the names of its classes, in the order of its scores"),
    "gsd": ("--gsd", "the size of a pixel in metres, such as 10 or 8-20"),
    "scale": ("--scale", "what its values are of the numbers in a file: value = DN x scale"),
    "mean": ("--mean", "what is taken off the values, one number or one a band; 0 for nothing"),
    "std": ("--std", "what they are divided by then, one number or one a band; 1 for nothing"),
    "dtypes": ("--dtype", "the data type of files whose numbers the scale is meant for"),
}
INTERFACE = tuple(each.name for each in fields(Interface))
PALETTE = ("#419bdf", "#397d49", "#e49635", "#c4281b", "#88b053", "#7a87c6", "#dfc35a", "#a59b8f")
USUAL_TILE = 512  # pixels
LEAST_LEVELS = 32  # whole numbers that pixels become, for a network that takes no others


def settle(found: Found, told: Facts, given: ModelCard | None = None) -> tuple[ModelCard, Facts]:
    """Make a card of what is said of a model.

    Parameters
    ----------
    found
        What its source says.
    told
        What the user says, which comes first.
    given
        A card that says all but, perhaps, how the network is fed.

    Returns
    -------
    tuple
        The card, and what it was made of, by name.

    Raises
    ------
    ModelError
        If something that a wrong map would come of is not certain: it says what is missing, and
        what was guessed.
    """
    card = given or found.card
    if card is not None:
        if told:
            names = ", ".join(sorted(fact.source for fact in told.values()))
            raise ModelError(f"{names}: the card of {card.name} says all", "no such options")
        return _fed(card, found), {}
    facts = {**found.facts, **told}
    if found.examine is not None:  # what the network itself tells is surer than what is said of it
        facts = {**facts, **_seen(found.examine(found, facts), facts), **told}
    facts = {**_derived(facts), **facts}
    _check_certain(facts, found)
    _check_rounded(facts, found)
    facts["classes"] = replace(facts["classes"], value=_fitted(facts))
    meant = _with_threshold(facts, told)
    try:
        return _card(meant), meant
    except ValueError as error:
        raise ModelError(f"what is said of the model makes no card: {error}") from error


def _with_threshold(facts: Facts, told: Facts) -> Facts:
    """Leave a threshold out that means nothing, or refuse it where the user has said it."""
    if "threshold" not in facts or ("one_score" in facts and facts["one_score"].value):
        return facts
    if "threshold" in told:
        raise ModelError(
            f"--threshold, and the network gives {len(facts['classes'].value)} classes",
            "a threshold of a single score",
            "leave it out here; predict --threshold maps several classes at once",
        )
    return {name: fact for name, fact in facts.items() if name != "threshold"}


def _seen(examined: Facts, facts: Facts) -> Facts:
    """Return what runs of a network tell, which cannot tell numbers from scores of classes."""
    if "result" not in facts or facts["result"].value != "numbers":
        return examined
    guessed = ("result", "one_score", "activation")
    count = 1 if "one_score" in examined or "scores" not in examined else examined["scores"].value
    if "result" in examined and examined["result"].value == "classes":
        count = 1
    found = {name: fact for name, fact in examined.items() if name not in guessed}
    found["scores"] = Fact(count, "a run")
    found["activation"] = Fact("none", "regression")
    own = facts.get("classes", examined.get("classes"))
    if own is None or len(own.value) != count:
        names = ["number"] if count == 1 else [f"number {i}" for i in range(1, count + 1)]
        found["classes"] = Fact(tuple(_labels(names)), "regression")
    return found


def _fed(card: ModelCard, found: Found) -> ModelCard:
    """Add to a card how its network is fed, as far as the network tells."""
    if card.interface is not None or found.examine is None:
        return card
    known = {"bands": card.band_names, "classes": card.labels}
    facts = {name: Fact(value, "the card") for name, value in known.items()}
    facts |= {name: fact for name, fact in found.facts.items() if name in INTERFACE}
    facts |= found.examine(found, facts)
    told = {name: facts[name].value for name in INTERFACE if name in facts}
    geometry: dict[str, Any] = {
        name: facts[name].value for name in ("tile", "stride", "fixed_tile") if name in facts
    }
    if "tile" in geometry:
        geometry["overlap"] = min(card.overlap, geometry["tile"] // 2)
    return replace(card, interface=Interface(**told), **geometry)


def _fitted(facts: Facts) -> tuple[Label, ...]:
    """Return a label for each score, or for each index that the network may give."""
    labels: tuple[Label, ...] = facts["classes"].value
    scores = facts["scores"].value if "scores" in facts else len(labels)
    if "result" in facts and facts["result"].value == "classes":
        if len(labels) == 1 and labels[0].value == 0:  # of a mask, 1 is meant, and 0 is said
            name = labels[0].name
            raise ModelError(
                f"one class is named ({name}), and the network gives the numbers of classes",
                "a name for each number, from 0 on",
                f"say them, such as --classes 'not {name},{name}' where 1 means {name}",
            )
        by_value = {label.value: label for label in labels}
        count = max(max(by_value) + 1, scores)
        return tuple(
            by_value.get(i) or Label(i, f"not named {i}", colour_of(i)) for i in range(count)
        )
    if "one_score" in facts and facts["one_score"].value and len(labels) == 1:
        (label,) = labels
        value = label.value or 1
        return Label(0, f"not {label.name}", "#d9d9d9"), replace(label, value=value)
    if len(labels) != scores:
        raise ModelError(
            f"{len(labels)} classes are named ({', '.join(label.name for label in labels)})",
            f"{scores}: the network gives so many scores",
            "say them with --classes, in the order of the scores",
        )
    return labels


def _derived(facts: Facts) -> Facts:
    """Guess what follows from other facts in most cases."""
    guesses: dict[str, Any] = {}
    count = facts["channels"].value if "channels" in facts else None
    if count in (3, 4):
        guesses["bands"] = ("red", "green", "blue", "nir")[:count]
    scores = facts["scores"].value if "scores" in facts else None
    if scores:
        guesses["classes"] = tuple(_labels([f"class {i}" for i in range(scores)]))
    scale = facts["scale"].value if "scale" in facts else None
    if scale is not None:
        eight = isclose(scale, 1 / 255, rel_tol=0.01) or isclose(scale, 1 / 256, rel_tol=0.01)
        guesses["dtypes"] = ("uint8",) if eight else ("uint16",)
        guesses |= {"mean": (0.0,), "std": (1.0,)}
    elif count == 3:
        guesses |= {"scale": 1 / 255, "dtypes": ("uint8",), "mean": (0.0,), "std": (1.0,)}
    return {name: Fact(value, "a guess", certain=False) for name, value in guesses.items()}


def _check_certain(facts: Facts, found: Found) -> None:
    lacking = [name for name in ASKED if name not in facts or not facts[name].certain]
    if not lacking:
        return
    told = "; ".join(f"{ASKED[name][0]}: {ASKED[name][1]}" for name in lacking)
    guessed = [
        f"{ASKED[name][0]} {text_of(name, facts[name].value)}" for name in lacking if name in facts
    ]
    do = f"say it: {told}"
    if guessed:
        do += f". Guessed, and to be repeated only if it is right: {' '.join(guessed)}"
    raise ModelError(
        f"{found.kind} does not say for certain what {len(lacking)} of its inputs mean"
        if len(lacking) > 1
        else f"{found.kind} does not say for certain what it takes or gives",
        "bands, classes, pixel size and scaling: a wrong map would come of a guess",
        do,
    )


def _check_rounded(facts: Facts, found: Found) -> None:
    """Refuse values of which rounding leaves next to nothing, where a network takes no others."""
    kind = str(facts["input_type"].value) if "input_type" in facts else ""
    if not kind.startswith(("int", "uint")):
        return
    span = 255 if {"uint8", "int8"} >= set(facts["dtypes"].value) else 65535
    left = span * facts["scale"].value / max(facts["std"].value)
    if left < LEAST_LEVELS:
        raise ModelError(
            f"{found.kind} takes whole numbers ({kind}), and of values scaled by "
            f"{text_of('scale', facts['scale'].value)} and divided by "
            f"{text_of('std', facts['std'].value)} about {max(left, 0):.0f} are left",
            "values that differ when they are rounded",
            "say what it takes, with --scale, --mean and --std: 1, 0 and 1 where it is the numbers "
            "of the file as they stand",
        )


def text_of(name: str, value: Any) -> str:
    """Return a fact as the option takes it.

    Parameters
    ----------
    name
        Of the fact.
    value
        Its value.

    Returns
    -------
    str
        Such as red,green,blue.
    """
    if name == "classes":
        return ",".join(label.name for label in value)
    if isinstance(value, tuple):
        return ",".join(f"{each:g}" if isinstance(each, float) else str(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _card(facts: Facts) -> ModelCard:
    def known(name: str, otherwise: Any) -> Any:
        return facts[name].value if name in facts else otherwise

    names: Sequence[str] = known("bands", ())
    labels = tuple(known("classes", ()))
    scaling = Scaling(known("scale", 1.0), known("offset", 0.0))
    dtypes = tuple(known("dtypes", ()))
    unit = known("unit", "digital number" if scaling == Scaling() else "scaled digital number")
    clip: tuple[Limits, ...] = known("clip", ())
    stride = known("stride", 32)
    tile = known("tile", USUAL_TILE)
    gsd = known("gsd", 0.0)
    means = _each(known("mean", ()), len(names), "--mean")
    stds = _each(known("std", ()), len(names), "--std")
    ranges = [
        _usual_range(mean, std, scaling, dtypes, unit)
        for mean, std in zip(means, stds, strict=True)
    ]
    interface = Interface(**{name: known(name, each) for name, each in _usual().items()})
    return ModelCard(
        name=known("name", "model"),
        description=known("description", "") or f"A model of {', '.join(names)}",
        architecture=known("architecture", "") or "not known",
        hyperparameters={},
        sensor=known("sensor", "any"),
        bands=tuple(
            replace(band, mean=mean, std=std, low=low, high=high)
            for band, mean, std, (low, high) in zip(
                _bands(names, known("sensor", "any")), means, stds, ranges, strict=True
            )
        ),
        unit=unit,
        scaling=scaling,
        dtypes=dtypes,
        labels=labels,
        gsd=gsd,
        gsd_range=known("gsd_range", (gsd / 2, gsd * 2)),
        tile=tile,
        overlap=known("overlap", tile // 4),
        stride=stride,
        fixed_tile=known("fixed_tile", False),
        licence=known("licence", ""),
        trained_on=known("trained_on", ""),
        credits=tuple(known("credits", ())),
        limits=("nobody measured here how good it is",),
        parameters=known("parameters", 0),
        created=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        temperature=1.0,
        activation=known("activation", "softmax"),
        interface=replace(interface, clip=clip),
    )


def _usual() -> dict[str, Any]:
    return {each.name: each.default for each in fields(Interface) if each.name != "clip"}


def _bands(names: Sequence[str], sensor: str) -> tuple[Band, ...]:
    """Return bands as a scene may call them; a satellite's own codes mean nothing without it."""
    satellites = sensors_in([sensor])
    satellite = next(iter(satellites)) if len(satellites) == 1 else ""
    found = []
    for name in names:
        known = common(name) or ""
        own = code(name)
        if own and not known:
            known = COMMON.get(satellite, {}).get(own, "")
            if not known:
                raise ModelError(
                    f"the band {name} is another one of each satellite",
                    "common names, such as red, nir or swir16, or the satellite",
                    "say them with --bands, or --sensor Sentinel-2",
                )
        # a scene of another satellite has other bands of these codes
        called = name if not own or satellite == SENTINEL2 else known
        known = known if known in COMMON_NAMES else ""
        nanometres = centre(satellite, known)
        wavelength = None if nanometres is None else nanometres / 1000
        found.append(Band(called, known, wavelength, 0.0, 1.0, 0.0, 1.0))
    return tuple(found)


def _each(numbers: Sequence[float], count: int, option: str) -> list[float]:
    if len(numbers) not in (1, count):
        raise ModelError(f"{option} has {len(numbers)} numbers", f"one, or {count}: one a band")
    return list(numbers) * (count if len(numbers) == 1 else 1)


def _usual_range(
    mean: float, std: float, scaling: Scaling, dtypes: Sequence[str], unit: str
) -> tuple[float, float]:
    """Return where values may be meant to lie: nobody says where those of the training did."""
    if "reflectance" in unit.lower():
        return 0.0, 1.0
    if set(dtypes) == {"uint8"}:
        return scaling.offset, 255 * scaling.scale + scaling.offset
    if (mean, std) == (0.0, 1.0):  # normalised by whoever makes the files
        return (-3.0, 3.0) if set(dtypes) & {"float32", "float64"} else (0.0, 65535 * scaling.scale)
    return mean - 3 * std, mean + 3 * std


def parse_labels(text: str) -> tuple[Label, ...]:
    """Read the classes that a user names.

    Parameters
    ----------
    text
        Names between commas, each with its colour after = or without, such as
        water=#419bdf,land.

    Returns
    -------
    tuple of Label
        Numbered from 0.

    Raises
    ------
    ModelError
        If a name is empty, or a colour is none.
    """
    names, colours = [], {}
    for i, part in enumerate(text.split(",")):
        name, _, colour = part.strip().partition("=")
        names.append(name.strip())
        if colour:
            colours[i] = colour.strip().lower()
    try:
        return tuple(_labels(names, colours))
    except ValueError as error:
        raise ModelError(f"--classes {text}: {error}") from error


def _labels(names: Sequence[str], colours: Mapping[int, str] | None = None) -> list[Label]:
    given = colours or {}
    return [Label(i, name, given.get(i) or colour_of(i)) for i, name in enumerate(names)]


def colour_of(index: int) -> str:
    """Return a colour for a class that nobody gave one.

    Parameters
    ----------
    index
        Of the class.

    Returns
    -------
    str
        As #rrggbb; of the first 256 no two are alike.
    """
    if index < len(PALETTE):
        return PALETTE[index]
    # multiples of a number prime to 2^24 meet again only after all colours
    return f"#{index * 0x5BD1E9 % 0x1000000:06x}"


def plain_name(text: str) -> str:
    """Return a name for a model that may stand in paths and tags.

    Parameters
    ----------
    text
        Any.

    Returns
    -------
    str
        Letters, digits and single .-_ of it.
    """
    found = re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-_.")
    return found if re.match(r"[A-Za-z]..", found) else f"model-{found}".rstrip("-")
