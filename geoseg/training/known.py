"""What a model knows: how the values of its bands go together in what it was trained on, and what
its network makes of it, for its card.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.atomic import atomic_output
from ..core.card import ModelCard, write_card
from ..core.embedding import SQUARE, Embedding
from ..core.events import Noted, Report, Warned
from ..core.grid import Patch, Window
from ..core.spectra import Spectra
from ..models import Bundle, load_model
from ..models.embedding import distances, whole_squares
from ..models.protocol import Model
from ..scene.spectra import guesses, surprise, to_logs
from .augment import Augment
from .keywords import read_options
from .prepare import Data, prepare
from .samples import Pool

SIDE = 64  # pixels of a crop
CROPS = 300  # of the training part, and as many of the validation part
TAKEN = 80  # pixels of a crop from which the mixture is fitted
SEEN = 200  # pixels of a crop by which it is judged
FEW = 200  # valid pixels of a crop, below which it is left out
COMPONENTS = 6
SPREAD = 2e-3  # added to each variance: digital numbers are whole
KNOWN = 0.99  # share of known windows that lie within the limits
MARGIN = 0.1  # of what a guess has to win beyond that: the windows are few
DIGITS = 4  # of each number on the card
WIDE = 128  # pixels of a crop that the network is shown
SHOWN = 100  # such crops of the training part, and as many of the validation part, at most
LEAST_SHOWN = 8
SEEN_TWICE = 2  # times that each pixel of a small part is shown, on average
AXES = 16  # of the network's features that are kept
LEAST = 1e-6  # of a deviation and a variance: a channel may be silent

Values = npt.NDArray[np.float64]


def know_spectra(data: Data, augment: Augment, card: ModelCard, report: Report) -> ModelCard:
    """Return the card with a mixture of Gaussians over the training part's spectra.

    Its limits are set on the validation part: 1 % of its windows lie beyond.

    Parameters
    ----------
    data
        The parts; without one for validation the limits are the training part's own.
    augment
        Shows crops in either processing level, as training does; nothing else is changed.
    card
        The trained model's, with the bands' ranges.
    report
        Warned where the mixture cannot be fitted here.

    Returns
    -------
    ModelCard
        The same card where scikit-learn is not installed.

    Raises
    ------
    RunError
        If a scene cannot be read.
    """
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture
    except ImportError:
        report(
            Warned(
                "the card does not say which spectra the model knows, for scikit-learn is not "
                "installed: pip install 'geoseg[train]', then `geoseg models novelty`"
            )
        )
        return card
    rng = np.random.default_rng(data.config.training.seed)
    balance = data.config.training.balance
    known = draw_windows(data, data.pools["training"], augment, rng, balance)
    # by area: of what is known rarely, more windows are to lie beyond
    held = draw_windows(data, data.pools["validation"], augment, rng, 0.0) or known
    if not known:
        report(Warned("the card does not say which spectra the model knows: no window is whole"))
        return card
    pixels = [values[:, rng.choice(values.shape[1], TAKEN)] for values in known]
    logs = to_logs(np.concatenate(pixels, axis=1), card.bands)
    count = min(COMPONENTS, logs.shape[1] // TAKEN)
    mixture = GaussianMixture(count, reg_covar=SPREAD, random_state=data.config.training.seed)
    with warnings.catch_warnings():
        # of pixels that are all alike there are fewer components, and nearly so is near enough
        warnings.simplefilter("ignore", ConvergenceWarning)
        mixture.fit(logs.T)
    rows = np.tril_indices(len(card.bands))
    draft = Spectra(
        _rounded(mixture.weights_),
        tuple(_rounded(mean) for mean in mixture.means_),
        tuple(_rounded(covariance[rows]) for covariance in mixture.covariances_),
        0.0,
        0.0,
        0.0,
    )
    spectra = with_limits(draft, card, held, rng)
    windows = "1 window" if len(known) == 1 else f"{len(known)} windows"
    report(Noted(f"how the bands go together is known from {windows}"))
    return replace(card, spectra=spectra)


def draw_windows(
    data: Data, pool: Pool, augment: Augment, rng: np.random.Generator, balance: float
) -> list[Values]:
    """Draw windows of a part, as the network is shown them but for changes in colour.

    Parameters
    ----------
    data
        Its configuration says how numbers become values.
    pool
        The part; of one that is empty there are none.
    augment
        Shows every second one in the sensor's other processing level, where there is one.
    rng
        Draws them.
    balance
        Share of them whose place is drawn by class, all classes alike.

    Returns
    -------
    list of Values
        [band, pixel] of each, the valid pixels alone.
    """
    scaling = data.config.scaling
    crops = _crops(pool, augment, rng, balance, SIDE, CROPS)
    return [
        pixels[:, valid].astype(np.float64) * scaling.scale + scaling.offset
        for pixels, valid in crops
        if valid.sum() >= FEW
    ]


def _crops(
    pool: Pool, augment: Augment, rng: np.random.Generator, balance: float, side: int, count: int
) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]]:
    """Digital numbers [band, row, column] of crops, in either processing level, and where they are
    valid.
    """
    for _ in range(count if pool.pairs else 0):
        crop, index = pool.draw(rng, side, balance, 0.0, 1.0)
        yield augment.level(pool.samples[index].level, rng).apply(crop.pixels), crop.valid


def know_features(data: Data, augment: Augment, card: ModelCard, model: Model) -> ModelCard:
    """Return the card with what the network makes of the training part.

    Its limit is set on the validation part: 1 % of its squares lie beyond.

    Parameters
    ----------
    data
        The parts; without one for validation the limit is the training part's own.
    augment
        Shows crops in either processing level, as training does; nothing else is changed.
    card
        The model's.
    model
        Computes in float32, by the scaling of the training.

    Returns
    -------
    ModelCard
        The same card where the model cannot tell its features, or no square is whole.

    Raises
    ------
    RunError
        If a scene cannot be read.
    """
    if not model.average_features(SQUARE):
        return card
    rng = np.random.default_rng(data.config.training.seed)

    def shown(part: str, balance: float) -> Values:
        pool = data.pools[part]
        enough = math.ceil(SEEN_TWICE * pool.areas.sum() / WIDE**2)
        count = min(SHOWN, max(LEAST_SHOWN, enough))
        found = [np.zeros((0, 0))]
        for pixels, valid in _crops(pool, augment, rng, balance, WIDE, count):
            model(np.ascontiguousarray(pixels)[None], valid[None])
            features = model.features()
            assert features is not None
            patch = Patch(Window(0, 0, *valid.shape), pixels, valid)
            found.append(features[0][:, whole_squares(patch, features.shape[2:])].T)
        return np.concatenate([part for part in found if part.size] or found[:1])

    known = shown("training", data.config.training.balance)
    held = shown("validation", 0.0)
    if len(known) <= AXES:
        return card
    means = known.mean(axis=0)
    deviations = known.std(axis=0) + LEAST
    variances, axes = np.linalg.eigh(np.cov(((known - means) / deviations).T))
    kept = np.argsort(-variances)[:AXES]
    left = np.delete(variances, kept)
    draft = Embedding(
        _rounded(means),
        _rounded(deviations),
        tuple(_rounded(axis) for axis in axes.T[kept]),
        _rounded(np.maximum(variances[kept], LEAST)),
        _rounded(max(left.mean(), LEAST) if left.size else 1.0)[0],
        0.0,
    )
    seen = held if len(held) else known
    limit = np.quantile(distances(seen.T, draft), KNOWN)
    return replace(card, embedding=replace(draft, limit=_rounded(limit)[0]))


def with_limits(
    draft: Spectra, card: ModelCard, held: list[Values], rng: np.random.Generator
) -> Spectra:
    """Return a mixture with the limits that 1 % of known windows exceed.

    Parameters
    ----------
    draft
        The mixture.
    card
        Its bands, and what may be guessed of them.
    held
        Windows that it was not fitted to.
    rng
        Draws the pixels that are looked at.

    Returns
    -------
    Spectra
        With limits.
    """
    seen = [values[:, rng.choice(values.shape[1], SEEN)] for values in held]
    joined = np.concatenate(seen, axis=1)

    def means(values: Values) -> Values:
        pixels = surprise(to_logs(values, card.bands), draft)
        return np.asarray(pixels.reshape(len(seen), SEEN).mean(axis=1))

    own = means(joined)
    gains = {guess: own - means(guess.undo(joined)) for guess in guesses(card)}
    most = [
        np.max(
            [found for guess, found in gains.items() if guess.of_order is kind], axis=0, initial=0
        )
        for kind in (True, False)
    ]
    limit, order, number = _rounded([np.quantile(found, KNOWN) for found in (own, *most)])
    return replace(
        draft,
        limit=limit,
        order_gain=round(order + MARGIN, 4),
        number_gain=round(number + MARGIN, 4),
    )


def _rounded(numbers: npt.ArrayLike) -> tuple[float, ...]:
    return tuple(float(f"{number:.{DIGITS}g}") for number in np.asarray(numbers).ravel().tolist())


def know_again(bundle: Bundle, config: Path, changes: Sequence[str], report: Report) -> ModelCard:
    """Measure what a model knows, of spectra and by its features, and write it on its card.

    Nothing else is changed.

    Parameters
    ----------
    bundle
        The model, whose card is replaced.
    config
        The training's configuration (TOML): what the model was trained on, and what validates.
    changes
        Other keys of it, each as TABLE.KEY=VALUE.
    report
        Told what is looked at.

    Returns
    -------
    ModelCard
        As it is written.

    Raises
    ------
    InputError
        If configuration, scenes and labels cannot be read as a training reads them.
    OutputError
        If the card cannot be written.
    """
    settings = read_options(config, {"set": tuple(changes)})
    if settings.training.threads:
        import torch  # here: the spectra alone do without

        torch.set_num_threads(settings.training.threads)
    with TemporaryDirectory(prefix="geoseg-") as folder:  # where a split is written that exists
        data = prepare(settings, Path(folder), bundle.card, report)
        augment = Augment(data.config.augment, data.config.bands, data.config.scaling)
        card = know_spectra(data, augment, bundle.card, report)
        card = know_features(data, augment, card, load_model(bundle, data.config.scaling, "cpu"))
    with atomic_output(bundle.path / "card.json", replace=True) as part:
        write_card(card, part)
    return card
