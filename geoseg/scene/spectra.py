"""Whether the bands of a scene go together as those of the training data did: what no limit on a
single band tells, such as two bands exchanged.

Pixels are held against the mixture of Gaussians on the card. Where something that may have been
done to the scene, once undone, makes its pixels much less surprising, it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import Band, ModelCard, Scaling
from ..core.errors import ModelError
from ..core.spectra import Spectra

Values = npt.NDArray[np.float64]
LEAST = 0.05  # of a band's range: what is added before the logarithm, so that shadows do not rule
DARKEST = 1e-3  # and the least that a logarithm is taken of
MOST = 60.0  # surprise of a pixel: one that is far out counts no more than this
WINDOW = 1 << 14  # pixels side by side that are judged as one window
SEEN = 200  # of them that are looked at
OUTSIDE = 0.3  # share of windows beyond the limit, from which on the scene is
GUESSED = 0.75  # share of windows that a guess has to make less surprising by more than the limit
# and by how much in their midst: land that is rare may look a little more like another order
CLEAR = 0.3
# of a band's range: what a guess leaves of the brightest band, at the least. Whatever is odd looks
# more like shadow once it is divided by ten
LIT = 0.05
SMALL = 4  # windows; of fewer, as much as this tells less
CLEARER = 1.0


@dataclass(frozen=True, slots=True)
class Guess:
    """Something that may have been done to a scene."""

    text: str
    """What it looks like, in words that follow "as if"."""
    advice: str
    """What to do."""
    undo: Callable[[Values], Values]
    """Makes the values [band, pixel] as they would be without it."""
    of_order: bool = False
    """Whether it changes which band is which, and no number."""
    of_light: bool = False
    """Whether dark or bright land looks like it: it is only asked of a scene that is unlike."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a scene's bands go together, beside what is known."""

    outside: float
    """The share of windows that surprise more than 99 of 100 known ones."""
    surprise: float
    """The median over windows of their mean surprise."""
    guess: Guess | None
    """What lowers the surprise most, where that is much; None elsewhere."""
    worst: str
    """The band without which the others surprise least."""


def to_logs(values: Values, bands: Sequence[Band]) -> Values:
    """Return values as the mixture takes them: logarithms of where they lie in a band's range.

    Parameters
    ----------
    values
        [band, pixel], after the scaling.
    bands
        Of the card; their `low` and `high` are the range.

    Returns
    -------
    Values
        Of the same shape.
    """
    low = np.array([[band.low] for band in bands])
    span = np.array([[max(band.high - band.low, 1e-12)] for band in bands])
    return np.asarray(np.log(np.maximum((values - low) / span + LEAST, DARKEST)))


def surprise(logs: Values, spectra: Spectra, bands: Sequence[int] | None = None) -> Values:
    """Return minus the logarithm of the density that the mixture has at each pixel.

    Parameters
    ----------
    logs
        As of `to_logs`, [band, pixel].
    spectra
        The mixture.
    bands
        Which of its bands the rows of `logs` are; None is all.

    Returns
    -------
    Values
        [pixel], at most MOST for each band.
    """
    chosen = tuple(range(spectra.bands)) if bands is None else tuple(bands)
    found = [
        constant - 0.5 * ((whitening @ (logs - mean)) ** 2).sum(axis=0)
        for constant, mean, whitening in _components(spectra, chosen)
    ]
    most = np.max(found, axis=0)
    total = most + np.log(np.exp(np.array(found) - most).sum(axis=0))
    return np.asarray(np.minimum(-total, MOST * len(chosen)))


@cache
def _components(spectra: Spectra, bands: tuple[int, ...]) -> list[tuple[float, Values, Values]]:
    """Of each component: the logarithm of its weight and norm, its mean, and what makes its
    deviations independent.
    """
    found = []
    rows, columns = np.tril_indices(spectra.bands)
    picked = np.ix_(bands, bands)
    for weight, mean, triangle in zip(
        spectra.weights, spectra.means, spectra.covariances, strict=True
    ):
        matrix = np.zeros((spectra.bands, spectra.bands))
        matrix[rows, columns] = matrix[columns, rows] = triangle
        factor = np.linalg.cholesky(matrix[picked])
        constant = np.log(weight) - np.log(np.diag(factor)).sum()
        constant -= 0.5 * len(bands) * np.log(2 * np.pi)
        centre = np.array(mean)[list(bands), None]
        found.append((float(constant), centre, np.linalg.inv(factor)))
    return found


def guesses(card: ModelCard) -> Iterator[Guess]:
    """List what may have been done to a scene's bands and numbers.

    Parameters
    ----------
    card
        What the model expects.

    Yields
    ------
    Guess
        From the plainest on.
    """
    names = card.band_names
    count = len(names)
    advice = "name the bands in the model's order with --bands, or mend their descriptions"
    for i, j in combinations(range(count), 2):
        text = f"{names[i]} and {names[j]} were exchanged"
        order = list(range(count))
        order[i], order[j] = j, i
        yield Guess(text, advice, _ordered(order), True)
    if count > 3:  # of three bands, it is an exchange
        text = "its bands stood in reverse order"
        yield Guess(text, advice, _ordered(range(count)[::-1]), True)
    if count > 2:
        text = f"its bands stood a place late, {names[-1]} first"
        yield Guess(text, advice, _ordered([(i + 1) % count for i in range(count)]), True)
        text = f"its bands stood a place early, {names[0]} last"
        yield Guess(text, advice, _ordered([(i - 1) % count for i in range(count)]), True)
    advice = "say with --scale and --offset what its numbers mean"
    text = "its values were ten times too small"
    yield Guess(text, advice, lambda values: values * 10)
    text = "its values were many times too large"
    yield Guess(text, advice, lambda values: values / 10)
    if "reflectance" in card.unit.lower():
        text = "an offset of -1000 (reflectance -0.1) were still in its numbers"
        advice = "if it is, give --offset -0.1"
        yield Guess(text, advice, lambda values: values - 0.1, of_light=True)
        text = "an offset of -1000 (reflectance -0.1) had been taken off twice"
        advice = "if it was, give --offset 0.1, or take the product's own numbers"
        yield Guess(text, advice, lambda values: values + 0.1, of_light=True)
    if set(card.dtypes) == {"uint8"}:
        text = "its brightness were inverted"
        advice = "take the picture itself"
        yield Guess(text, advice, lambda values: 255 - values, of_light=True)


def _ordered(order: Sequence[int]) -> Callable[[Values], Values]:
    return lambda values: values[list(order)]


def compare(values: Values, card: ModelCard, spectra: Spectra) -> Likeness:
    """Hold the pixels of a scene against what a model knows.

    Parameters
    ----------
    values
        [band, pixel], after the scaling, as they were read, so that neighbours are side by side.
    card
        What the model expects.
    spectra
        The mixture on it.

    Returns
    -------
    Likeness
        How like they are, and what may have been done to them.
    """
    windows = [_some(part) for part in _windows(values)]
    joined = np.concatenate(windows, axis=1)
    ends = np.cumsum([part.shape[1] for part in windows])[:-1]

    def means(changed: Values) -> Values:
        pixels = surprise(to_logs(changed, card.bands), spectra)
        return np.array([part.mean() for part in np.split(pixels, ends)])

    own = means(joined)
    gains = {guess: own - means(guess.undo(joined)) for guess in guesses(card)}
    outside = float((own > spectra.limit).mean())
    asked = [guess for guess in gains if not guess.of_light or outside >= OUTSIDE]
    likely = [
        guess
        for guess in asked
        if _explains(guess, own, gains[guess], spectra) and _is_lit(guess.undo(joined), card)
    ]
    best = max(likely, key=lambda guess: float(np.median(gains[guess])), default=None)
    logs = to_logs(joined, card.bands)
    rest = [_without(logs, spectra, band) for band in range(spectra.bands)]
    return Likeness(
        outside,
        float(np.median(own)),
        best,
        card.band_names[int(np.argmin(rest))],
    )


def _explains(guess: Guess, own: Values, gains: Values, spectra: Spectra) -> bool:
    """Whether most windows are much less surprising without what is guessed, and then are known."""
    limit = spectra.order_gain if guess.of_order else spectra.number_gain
    clear = CLEAR if len(own) >= SMALL else CLEARER
    return bool(
        (gains > limit).mean() >= GUESSED
        and np.median(gains) >= limit + clear
        and np.median(own - gains) <= spectra.limit
    )


def _is_lit(values: Values, card: ModelCard) -> bool:
    """Whether a guess leaves light in some band, as by day."""
    high = np.percentile(values, 90, axis=1)
    return bool((high >= LIT * np.array([band.high for band in card.bands])).any())


def _windows(values: Values) -> list[Values]:
    return np.array_split(values, max(1, round(values.shape[1] / WINDOW)), axis=1)


def _some(window: Values) -> Values:
    return window[:, :: max(1, window.shape[1] // SEEN)][:, :SEEN]


def _without(logs: Values, spectra: Spectra, band: int) -> float:
    others = [i for i in range(spectra.bands) if i != band]
    return float(np.median(surprise(logs[others], spectra, others))) if others else 0.0


def judge_spectra(pixels: npt.NDArray[Any], scaling: Scaling, card: ModelCard) -> ModelError | None:
    """Judge whether a scene's bands go together as in what a model knows.

    Parameters
    ----------
    pixels
        Digital numbers [band, pixel], windows one after the other.
    scaling
        What makes the model's values of them.
    card
        What the model expects; one without spectra says nothing.

    Returns
    -------
    ModelError or None
        What is to be warned of, or refused where the user is strict.
    """
    if card.spectra is None:
        return None
    values = pixels.astype(np.float64) * scaling.scale + scaling.offset
    found = compare(values, card, card.spectra)
    if found.guess:
        return ModelError(
            f"the scene's bands go together as if {found.guess.text}",
            f"what {card.name} was trained on",
            found.guess.advice,
        )
    if found.outside >= OUTSIDE:
        return ModelError(
            f"the scene is unlike what {card.name} was trained on: {found.outside:.0%} of it lies "
            f"where 1 % of known places do, by {found.worst} most",
            "bands, numbers and sensor of the model's kind",
            "look at them with geoseg check; if all are right, the model knows no such land, and "
            "its map may be wrong",
        )
    return None
