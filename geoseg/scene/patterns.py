"""What neighbouring pixels and whole bands tell of a scene that no limit on a value does: bands
that are copies, of another place, lie beside each other or end early, lines of bands that take
turns, pixels that were enlarged, frames that lossy compression has changed, drawings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.card import ModelCard
from ..core.grid import Grid, Patch

Pixels = npt.NDArray[Any]
Values = npt.NDArray[np.float64]
MANY = 1000  # pixels from which on a band is compared with others
# The spread of the difference of two bands, and of what the others leave open of a band, in its own
# spread. Of 190 known images of all kinds the least were 0.049 and 0.025; a copy in grey has 0.00
# to 0.01 from rounding
COPIED = 0.015
SIDE = 128  # pixels of the middle of a window that is looked at
LEAST_SIDE = 48
WINDOWS = 5
FARTHEST = 12  # pixels by which bands are looked for beside each other
BESIDE = 2  # from which on they do not lie on each other: bands of 20 m that came to 10 m lie half
CLEARER = 0.15  # by which the edges of two bands go together better there than where they lie
ALIKE = 0.3  # and how well they go together then
AGREED = 0.6  # share of windows that have to tell the same
# Of squares of differences between neighbours, and between pixels four apart: 0.12 and more in
# known images, 1/16 where all between is a straight line
STRAIGHT = 0.09
# Share of the squares of waves shorter than 32 pixels that are shorter than four: 0.013 and more in
# 1,081 known windows; of pixels enlarged smoothly three times there are hardly any
FINE = 0.009
LONG, SHORT = 1 / 32, 1 / 4  # waves by pixel
# Squares of differences between lines that are as many apart as there are bands, and between
# neighbours: 0.83 and more in known windows; where bands take turns less than this in satellites'
# scenes and photographs with near infrared, and in half of those of three colours
IN_TURN = 0.7
# How well the edges of bands of one place go together (chains of bands, by their weakest link), and
# those of other places
ONE_PLACE = 0.35
ENOUGH = 96**2  # pixels in which that is seen
OTHER_PLACE = 0.15
# Of 856 known photographs green and blue, or what stands there, lie round the middle of bytes and
# vary half as much as red in none; the two colour differences of YCbCr do
MIDDLE, AROUND = 128, 16
FAINT = 0.5
REPEATED = 0.45  # share of columns, and rows, that are the same as the one before
GONE = 0.02  # share of pixels in which a band alone has no data
LIT = 0.5  # of the others' usual brightness, from which on a band's 0 there is no dark land
TOP = 0.9  # of the range of unsigned numbers: what was subtracted past 0 comes to lie above
WRAPPED = 1e-4  # share of such pixels
DARK = 0.5  # of a band's usual number: the others there
NEARLY = 8  # of 255: nearly black, or nearly white
FRAMED = 0.15  # share of the outermost pixels
BETWEEN = 0.25  # of these, at most, beside the frame's numbers: dark land goes over into light
COLOURS = ("red", "green", "blue")
SHADOW = (15, 70)  # percentiles of green, below and above which land is dark, and lit
# How much redder shadows are than land, in logarithms; what is added for how much more green goes
# together with blue than with red, and how much both have to come to. Of 868 known windows of 15
# places two pass it, and 592 with red and blue exchanged
REDDER = 0.05
TOGETHER = 10.0
EXCHANGED = 0.2
SOME = 16  # colours
DRAWN = 0.75  # share of pixels that they hold in a drawing; in photographs half at most, in seas
CONTRAST = 60  # by which they differ in a band: those of a sea do not


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked at."""

    pixels: Pixels
    """Valid digital numbers [band, pixel]."""
    patches: tuple[Patch, ...]
    """The windows that they are of, with pixels [band, row, column]."""
    grid: Grid
    """The scene's."""
    enlarged: bool = True
    """Whether to look for pixels that were enlarged: not where the run itself resamples."""


def say_patterns(seen: Looked, card: ModelCard) -> list[str]:
    """Say what patterns in a scene's pixels tell of what was done to it.

    Parameters
    ----------
    seen
        What was seen of the scene, the bands in the model's order.
    card
        What the model expects.

    Returns
    -------
    list
        Warnings, a line each.
    """
    masked = _say_masked(seen.patches)
    if seen.pixels.shape[1] < MANY:
        return masked
    names = card.band_names
    middles = _middles(seen.patches)
    found = [*masked, *_say_copies(seen.pixels, names), *_say_gone(seen.pixels, names)]
    found += _say_wrapped(seen.pixels, names)
    found = found or _say_in_turn(middles)
    if not found:  # a copy lies on its original, and a band that ends has an edge there
        found += _say_beside(middles, names) or _say_other_place(middles, names)
    if seen.enlarged:
        found += _say_enlarged(middles)
    if set(card.dtypes) == {"uint8"} and seen.pixels.dtype == np.uint8:
        found += _say_drawn(seen.pixels) or _say_differences(seen.pixels) or _say_frame(seen)
        if not found and tuple(band.common_name for band in card.bands[:3]) == COLOURS:
            found += _say_blue_for_red(seen.pixels[:3])
    return found


def _middles(patches: Sequence[Patch]) -> list[Values]:
    """The valid middles of some windows, those with most contrast first."""
    found = []
    for patch in patches:
        height, width = patch.window.shape
        side = min(SIDE, height, width)
        top, left = (height - side) // 2, (width - side) // 2
        place = np.s_[top : top + side, left : left + side]
        if side >= LEAST_SIDE and (patch.valid is None or patch.valid[place].all()):
            found.append(patch.data[:, *place].astype(np.float64))
    found.sort(key=lambda pixels: -float(pixels.std(axis=(1, 2)).mean()))
    return found[:WINDOWS]


def _say_masked(patches: Sequence[Patch]) -> list[str]:
    """Warn of a mask that leaves out most of what was seen, and no blank."""
    masked = [(patch.data[0], patch.valid) for patch in patches if patch.valid is not None]
    total = sum(patch.window.area for patch in patches)
    gone = sum(int((~valid).sum()) for _, valid in masked)
    if gone <= total / 2:
        return []
    inside = np.concatenate([data[valid] for data, valid in masked])
    outside = np.concatenate([data[~valid] for data, valid in masked])
    if not inside.size or outside.std() < inside.std() / 2 or len(np.unique(outside)) < SOME:
        return []
    return [
        f"{gone / total:.0%} of what was looked at is left out by the scene's mask or alpha, and "
        "is no blank: if the mask is the wrong way round, turn it, or take the scene without it"
    ]


def _say_copies(pixels: Pixels, names: Sequence[str]) -> list[str]:
    """Warn of bands that are copies of another, or a mixture of the others, such as grey."""
    values = pixels[:, :: max(1, pixels.shape[1] // (20 * MANY))].astype(np.float64)
    spreads = values.std(axis=1)
    if len(names) < 2 or not spreads.all():
        return []  # of constant bands it is told elsewhere
    for i in range(len(names) - 1):
        apart = (values - values[i]).std(axis=1)
        same = np.flatnonzero(apart < COPIED * spreads[i])
        if len(same) > 1:
            told = ", ".join(names[int(k)] for k in same)
            return [
                f"{told} of the scene hold the same picture: one band stands for several, as where "
                "a grey picture was copied; give the file or number of the right ones"
            ]
    centred = values - values.mean(axis=1, keepdims=True)
    left = [_left_open(centred, i) / spreads[i] for i in range(len(names))]
    if min(left) >= COPIED:
        return []
    return [
        f"{names[int(np.argmin(left))]} of the scene is a mixture of its other bands, as where it "
        "was computed from them: it is no band that was seen; give the file or number of the right "
        "one"
    ]


def _left_open(centred: Values, band: int) -> float:
    """The spread of what the other bands, each times a number, leave open of one."""
    others = np.delete(centred, band, axis=0)
    weights, *_ = np.linalg.lstsq(others.T, centred[band], rcond=None)
    return float((centred[band] - weights @ others).std())


def _say_gone(pixels: Pixels, names: Sequence[str]) -> Iterator[str]:
    """Warn of a band that is 0 where the others see bright land: it covers less, or lost lines."""
    usual = np.median(pixels, axis=1)
    for i, name in enumerate(names):
        zero = pixels[i] == 0
        if zero.mean() < GONE or zero.all() or len(names) < 2:
            continue
        others = np.delete(np.arange(len(names)), i)
        lit = np.median(pixels[others][:, zero], axis=1) > LIT * usual[others]
        if lit.all() and (usual[others] > NEARLY).all():
            yield (
                f"{name} of the scene is 0 in {zero.mean():.0%} of what was looked at, where its "
                "other bands are not: it ends early or lost lines there; cut the scene to where "
                "all bands have data"
            )


def _say_wrapped(pixels: Pixels, names: Sequence[str]) -> list[str]:
    """Warn of unsigned numbers from which something was subtracted past 0."""
    if pixels.dtype.kind != "u" or pixels.dtype.itemsize < 2 or len(names) < 2:
        return []
    most = np.iinfo(pixels.dtype).max
    usual = np.median(pixels, axis=1)[:, None]
    high = (pixels > TOP * most) & (pixels < most)
    dark = np.median(pixels, axis=0) < DARK * np.median(usual)
    wrapped = (high & dark).mean(axis=1)
    if wrapped.max() < max(WRAPPED, 3 / pixels.shape[1]) or usual.max() > TOP * most:
        return []
    name = names[int(np.argmax(wrapped))]
    return [
        f"{name} of the scene is above {TOP * most:.0f} in {wrapped.max():.2%} of the pixels, "
        "where its other bands are dark: as where an offset was subtracted from numbers that "
        "cannot be negative; take the product's own numbers, and say --offset"
    ]


def _say_in_turn(middles: Sequence[Values]) -> list[str]:
    """Warn of files in which lines or pixels of the bands take turns, read as whole bands."""
    if not middles or len(middles[0]) < 2:
        return []
    count = len(middles[0])
    if np.median([_in_turn(pixels, 2) for pixels in middles]) < IN_TURN:  # before lines: both are
        return [
            f"columns that are {count} apart are more alike than neighbours, as where the bands "
            "take turns in pixels of the file (BIP) and are read as whole bands (BSQ): say its "
            "interleave to the program that reads or writes it"
        ]
    if np.median([_in_turn(pixels, 1) for pixels in middles]) < IN_TURN:
        return [
            f"lines that are {count} apart are more alike than neighbours, as where the bands "
            "take turns in lines of the file (BIL) and are read as whole bands (BSQ): say its "
            "interleave to the program that reads or writes it"
        ]
    return []


def _in_turn(pixels: Values, axis: int) -> float:
    """Squares of differences at as many lines as there are bands, in those of neighbours."""
    count, length = len(pixels), pixels.shape[axis]
    apart = np.take(pixels, range(count, length), axis) - np.take(
        pixels, range(length - count), axis
    )
    near = (np.diff(pixels, axis=axis) ** 2).mean()
    return float((apart**2).mean() / near) if near else 1.0


def _say_other_place(middles: Sequence[Values], names: Sequence[str]) -> list[str]:
    """Warn of bands that share no edge with the others: of another place or day, or heights."""
    if len(names) < 3 or sum(pixels[0].size for pixels in middles) < ENOUGH:
        return []
    told = [group for pixels in middles if (group := _other_place(pixels))]
    if not told or len(told) < AGREED * len(middles):
        return []
    group, count = Counter(told).most_common(1)[0]
    if count < AGREED * len(middles):
        return []
    which = ", ".join(names[i] for i in group)
    return [
        f"{which} of the scene and its other bands have no edges in common, as where they are of "
        "another place or day, or no picture at all: give the files or numbers of the right ones"
    ]


def _other_place(pixels: Values) -> tuple[int, ...]:
    """The smaller of two groups of bands whose edges do not go together, while those inside of
    each do; none elsewhere.
    """
    edges = _edges(pixels).reshape(len(pixels), -1)
    alike = edges @ edges.T / edges.shape[1]
    joined = [0]
    links = []
    while len(joined) < len(alike):
        rest = [i for i in range(len(alike)) if i not in joined]
        best = alike[np.ix_(joined, rest)]
        row, column = np.unravel_index(int(best.argmax()), best.shape)
        links.append((float(best[row, column]), joined[row], rest[column]))
        joined.append(rest[column])
    weakest = min(links)
    others = [link for link in links if link is not weakest]
    if weakest[0] > OTHER_PLACE or min(others)[0] < ONE_PLACE:
        return ()
    group = {weakest[2]}
    for _ in others:
        group |= {i for _, a, b in others if a in group or b in group for i in (a, b)}
    beyond = set(range(len(alike))) - group
    smaller, _ = sorted((group, beyond), key=lambda part: (len(part), -min(part)))
    return tuple(sorted(smaller))


def _say_differences(pixels: Pixels) -> list[str]:
    """Warn of brightness and two differences of colour (YCbCr) in the place of three colours."""
    if len(pixels) < 3:
        return []
    middles = np.median(pixels[1:3], axis=1)
    spreads = pixels[:3].std(axis=1)
    if np.abs(middles - MIDDLE).max() > AROUND or spreads[1:].max() > FAINT * spreads[0]:
        return []
    return [
        "the second and third band lie round 128 and hardly vary, as where brightness and "
        "differences of colour (YCbCr) stand in the place of red, green and blue: have the "
        "program that reads the file turn them into colours"
    ]


def _say_beside(middles: Sequence[Values], names: Sequence[str]) -> list[str]:
    """Warn of bands that lie some pixels beside each other."""
    if len(names) < 2 or sum(pixels[0].size for pixels in middles) < SIDE**2:
        return []
    edges = [np.fft.rfft2(_edges(pixels)) for pixels in middles]
    for i in range(1, len(names)):
        found = [_shift(spectrum[i - 1], spectrum[i]) for spectrum in edges]
        shifts = np.array([place for place in found if place is not None])
        if len(shifts) < max(1, AGREED * len(found)):
            continue
        usual = np.median(shifts, axis=0)
        agreed = (np.abs(shifts - usual).max(axis=1) <= 1).sum()
        if agreed >= AGREED * len(found):
            pixels = float(np.hypot(*usual))
            return [
                f"{names[i - 1]} and {names[i]} of the scene lie about {pixels:.0f} pixels beside "
                "each other: classes are wrong along every edge; register the bands first"
            ]
    return []


def _edges(pixels: Values) -> Values:
    """How steep each band is, around 0 and with a spread of 1, [band, row, column]."""
    rows, columns = np.gradient(pixels, axis=(1, 2))
    steep = np.hypot(rows, columns)
    steep -= steep.mean(axis=(1, 2), keepdims=True)
    spread = steep.std(axis=(1, 2), keepdims=True)
    return np.asarray(steep / np.where(spread > 0, spread, 1))


def _shift(one: npt.NDArray[np.complex128], other: npt.NDArray[np.complex128]) -> list[int] | None:
    """By how many rows and columns one band's edges lie beside another's; None for not at all."""
    rows = one.shape[0]
    columns = 2 * (one.shape[1] - 1)
    alike = np.fft.irfft2(np.conj(one) * other, s=(rows, columns)) / (rows * columns)
    near = np.r_[-FARTHEST : FARTHEST + 1]
    around = alike[np.ix_(near % rows, near % columns)]
    row, column = np.unravel_index(int(around.argmax()), around.shape)
    best = around[row, column]
    place = [int(near[row]), int(near[column])]
    clear = best >= ALIKE and best - alike[0, 0] >= CLEARER
    return place if clear and max(map(abs, place)) >= BESIDE else None


def _say_enlarged(middles: Sequence[Values]) -> list[str]:
    """Warn of pixels that repeat in squares, or that lie on straight lines between few."""
    if not middles:
        return []
    hint = "give the scene as it was before, whose pixels have their true size"
    same = np.array([_repeated(pixels) for pixels in middles])
    if np.median(same) >= REPEATED:
        times = round(1 / (1 - float(np.median(same)))) if np.median(same) < 0.99 else SIDE
        return [
            f"the scene's pixels repeat in squares of {times} x {times}: it was enlarged, and "
            f"shows no more than pixels of {times} times the size; {hint}"
        ]
    straight = np.median([_straight(pixels) for pixels in middles])
    if straight < STRAIGHT:
        return [
            "neighbouring pixels of the scene hardly differ: it was enlarged three times or more, "
            f"or is blurred as much, and shows no more than far larger pixels would; {hint}"
        ]
    if np.median([_fine(pixels) for pixels in middles]) < FINE:
        return [
            "the scene shows hardly any detail of fewer than four pixels: it was enlarged two or "
            "three times, or is blurred as much, and shows no more than larger pixels would; "
            f"{hint}"
        ]
    return []


def _fine(pixels: Values) -> float:
    """The share of what varies over few pixels that varies over very few, in the sharpest band."""
    side = pixels.shape[1]
    window = np.hanning(side)
    varying = (pixels - pixels.mean(axis=(1, 2), keepdims=True)) * window * window[:, None]
    power = np.abs(np.fft.rfft2(varying)) ** 2
    along = np.abs(np.fft.fftfreq(side))[:, None]
    waves = np.maximum(along, np.fft.rfftfreq(side)[None])
    whole = power[:, waves > LONG].sum(axis=1)
    fine = power[:, waves > SHORT].sum(axis=1)
    return float(max((fine[whole > 0] / whole[whole > 0]).tolist(), default=1.0))


def _repeated(pixels: Values) -> float:
    """The share of columns that are as the one before, or of rows, whichever is less."""
    columns = (pixels[:, :, 1:] == pixels[:, :, :-1]).all(axis=(0, 1)).mean()
    rows = (pixels[:, 1:] == pixels[:, :-1]).all(axis=(0, 2)).mean()
    return float(min(columns, rows))


def _straight(pixels: Values) -> float:
    """How little neighbours differ, beside pixels that are four apart, in the sharpest band."""
    found = []
    for axis in (1, 2):
        length = pixels.shape[axis]
        near = np.diff(pixels, axis=axis)
        far = np.take(pixels, range(4, length), axis) - np.take(pixels, range(length - 4), axis)
        bound = (far**2).mean(axis=(1, 2))
        found.append((near**2).mean(axis=(1, 2))[bound > 0] / bound[bound > 0])
    return float(max((shares.max() for shares in found if shares.size), default=1.0))


def _say_frame(seen: Looked) -> list[str]:
    """Warn of a frame that is nearly black or white, by lossy compression not quite."""
    edges = []
    grid = seen.grid
    for patch in seen.patches:
        window = patch.window
        sides = [
            patch.data[:, 0] if window.top == 0 else None,
            patch.data[:, -1] if window.bottom == grid.height else None,
            patch.data[:, :, 0] if window.left == 0 else None,
            patch.data[:, :, -1] if window.right == grid.width else None,
        ]
        edges += [side for side in sides if side is not None]
    if not edges:
        return []
    edge = np.concatenate(edges, axis=1)
    middle = np.median(seen.pixels.max(axis=0))
    for word, numbers in (("black", edge.max(axis=0)), ("white", 255 - edge.min(axis=0))):
        if middle <= NEARLY:  # so is all of it: by night
            continue
        near = float((numbers <= NEARLY).mean())
        exact = float((numbers == 0).mean())
        between = float(((numbers > NEARLY) & (numbers <= 3 * NEARLY)).mean())
        if near - exact >= FRAMED and exact < near / 2 and between < BETWEEN * near:
            return [
                f"about {near:.0%} of the scene's edge is nearly {word}, without being marked as "
                "nodata, as a frame that lossy compression has changed: it is mapped like the "
                "rest; mark it first, with GDAL's nearblack -setmask"
            ]
    return []


def _say_blue_for_red(pixels: Pixels) -> list[str]:
    """Warn of red and blue in each other's place, by the light: what lies in shadow is lit by the
    sky, and is bluer than what the sun shines on; and green goes together with red more than with
    blue, which haze covers.
    """
    some = pixels[:, :: max(1, pixels.shape[1] // (50 * MANY))].astype(np.float64)
    red, green, blue = some
    low, dark, bright = np.percentile(green, (0, *SHADOW))
    if some.std(axis=1).min() == 0 or bright <= low:
        return []
    bluer = np.log((blue + 5) / (red + 5))
    shadow = float(np.median(bluer[green <= dark]) - np.median(bluer[green >= bright]))
    alike = np.asarray(np.corrcoef(some))
    nearer = float(alike[0, 1] - alike[1, 2])
    if shadow > -REDDER or nearer >= 0 or shadow + TOGETHER * nearer > -EXCHANGED:
        return []
    return [
        "the shadows of the picture are redder than what the sun shines on, as where red and blue "
        "were exchanged (BGR): the sky makes them bluer; if they were, name the bands with --bands"
    ]


def _say_drawn(pixels: Pixels) -> list[str]:
    """Warn of a picture of few colours, which no camera makes."""
    if len(pixels) < 3:
        return []
    codes = pixels[:3].T.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    found, counts = np.unique(codes, return_counts=True)
    most = np.argsort(-counts)[:SOME]
    share = counts[most].sum() / counts.sum()
    colours = found[most]
    apart = max(float(np.ptp((colours >> bits) & 255)) for bits in (16, 8, 0))
    if share < DRAWN or apart < CONTRAST:
        return []
    return [
        f"{min(SOME, len(found))} colours make up {share:.0%} of the scene, as in a map or a "
        "drawing: it is no photograph; give the picture that it was made from"
    ]
