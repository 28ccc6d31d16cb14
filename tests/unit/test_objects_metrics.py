"""Metrics of objects against pycocotools, and against panoptic quality from whole arrays."""

from __future__ import annotations

import contextlib
import io
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from geoseg.core.card import NODATA
from geoseg.evaluation.objects.counter import ObjectImage, OverlapCounter
from geoseg.evaluation.objects.detection import detect, rates
from geoseg.evaluation.objects.matching import NONE
from geoseg.evaluation.objects.overlaps import UNKNOWN, ObjectTable, Overlaps, join
from geoseg.evaluation.objects.panoptic import panoptic_quality
from geoseg.evaluation.objects.precision import average_precision

Mask = npt.NDArray[np.bool_]
SIZES = (30.0, 120.0)
NAMES = ("house", "tree", "ship")


def ellipse(rng: np.random.Generator, shape: tuple[int, int]) -> Mask:
    """Small and large ones, some of them cut by the border."""
    rows, columns = np.indices(shape)
    middle = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
    radii = rng.uniform(1.5, 9, 2)
    return np.hypot((rows - middle[0]) / radii[0], (columns - middle[1]) / radii[1]) <= 1


def box(rng: np.random.Generator, shape: tuple[int, int]) -> Mask:
    """On a coarse grid, so that many have the same IoU with many."""
    mask = np.zeros(shape, bool)
    top, left = rng.integers(0, 10, 2)
    rows, columns = rng.integers(1, 4, 2)
    mask[4 * top : 4 * (top + rows), 4 * left : 4 * (left + columns)] = True
    return mask


def shifted(mask: Mask, rng: np.random.Generator, step: int = 1) -> Mask:
    most = 3 if step == 1 else 1
    return np.roll(mask, step * rng.integers(-most, most + 1, 2), (0, 1))


class Case:
    """Images with true and predicted masks that may overlap, as COCO has them."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.shape = (48, 56)
        self.truth: list[dict[str, Any]] = []
        self.mapped: list[dict[str, Any]] = []
        self.images = int(rng.integers(1, 4))
        levels = int(rng.integers(1, 12))  # of scores: few make ties
        draw = box if seed % 2 else ellipse
        move = 4 if seed % 2 else 1
        for image in range(self.images):
            for _ in range(int(rng.integers(0, 9))):
                mask = draw(rng, self.shape)
                label = int(rng.integers(0, len(NAMES)))
                crowd = bool(rng.random() < 0.15)
                if not mask.any():
                    continue
                self.truth.append({"image": image, "label": label, "mask": mask, "crowd": crowd})
                if rng.random() < 0.4:  # one that lies on it
                    on = {"mask": shifted(mask, rng, move), "crowd": bool(rng.random() < 0.15)}
                    self.truth.append({"image": image, "label": label, **on})
                for _ in range(int(rng.integers(0, 4)) if seed % 7 else 0):
                    guess = label if rng.random() < 0.8 else int(rng.integers(0, len(NAMES)))
                    self.predict(image, guess, shifted(mask, rng, move), rng, levels)
            for _ in range(int(rng.integers(0, 3)) if seed % 7 else 0):
                stray = draw(rng, self.shape)
                self.predict(image, int(rng.integers(0, len(NAMES))), stray, rng, levels)

    def predict(
        self, image: int, label: int, mask: Mask, rng: np.random.Generator, levels: int
    ) -> None:
        if mask.any():
            score = float(rng.integers(1, levels + 1)) / levels
            self.mapped.append({"image": image, "label": label, "mask": mask, "score": score})

    def coco(self, most: int) -> COCOeval:
        with contextlib.redirect_stdout(io.StringIO()):
            truth = COCO()
            truth.dataset = {
                "images": [
                    {"id": i + 1, "height": self.shape[0], "width": self.shape[1]}
                    for i in range(self.images)
                ],
                "categories": [{"id": i + 1, "name": name} for i, name in enumerate(NAMES)],
                "annotations": [
                    {
                        "id": n + 1,
                        "image_id": each["image"] + 1,
                        "category_id": each["label"] + 1,
                        "segmentation": masks.encode(np.asfortranarray(each["mask"], np.uint8)),
                        "area": int(each["mask"].sum()),
                        "iscrowd": int(each["crowd"]),
                    }
                    for n, each in enumerate(self.truth)
                ],
            }
            truth.createIndex()
            found = COCO()
            found.dataset = {
                **truth.dataset,
                "annotations": [
                    {
                        "id": n + 1,
                        "image_id": each["image"] + 1,
                        "category_id": each["label"] + 1,
                        "segmentation": masks.encode(np.asfortranarray(each["mask"], np.uint8)),
                        "area": int(each["mask"].sum()),
                        "score": each["score"],
                        "iscrowd": 0,
                    }
                    for n, each in enumerate(self.mapped)
                ],
            }
            found.createIndex()
            run = COCOeval(truth, found, "segm")
            edges = [0, *SIZES, 1e10]
            run.params.areaRng = [[0, 1e10], *pairwise(edges)]
            run.params.maxDets = [1, 2, most]
            run.params.catIds = [1, 2, 3]
            run.evaluate()
            run.accumulate()
        return run

    def overlaps(self) -> Overlaps:
        parts = []
        for image in range(self.images):
            truth = [each for each in self.truth if each["image"] == image]
            mapped = [each for each in self.mapped if each["image"] == image]
            shared = [
                (i, j, n)
                for i, one in enumerate(truth)
                for j, other in enumerate(mapped)
                if (n := int((one["mask"] & other["mask"]).sum()))
            ]
            tables = [
                ObjectTable(
                    np.array([each["label"] for each in side], np.int64),
                    np.array([each["mask"].sum() for each in side], float),
                    np.arange(len(side)),
                    np.zeros((len(side), 4)),
                    np.array([each["score"] for each in side]) if side is mapped else None,
                    crowd=np.array([each.get("crowd", False) for each in side], bool),
                )
                for side in (truth, mapped)
            ]
            pairs = np.array([pair[:2] for pair in shared], np.int64).reshape(-1, 2)
            parts.append(
                Overlaps(NAMES, *tables, pairs, np.array([pair[2] for pair in shared], float))
            )
        return join(parts)


@pytest.mark.parametrize("seed", range(50))
def test_ap_and_ar_are_those_of_coco(seed: int) -> None:
    case = Case(seed)
    assert_like_coco(case, 3 if seed % 3 == 0 else 1000)


def test_of_equal_iou_the_last_object_is_taken_as_coco_does() -> None:
    """The first prediction leaves to the second the one that it fits."""
    case = Case(0)
    case.images = 1

    def bar(left: int, right: int) -> Mask:
        mask = np.zeros(case.shape, bool)
        mask[:4, left:right] = True
        return mask

    case.truth = [
        {"image": 0, "label": 0, "mask": bar(*ends), "crowd": False} for ends in ((0, 3), (1, 4))
    ]
    case.mapped = [
        {"image": 0, "label": 0, "mask": bar(*ends), "score": score}
        for ends, score in (((0, 4), 0.9), ((0, 3), 0.8))
    ]
    assert_like_coco(case, 1000)
    assert average_precision(case.overlaps()).ap(0.75) == 1


def assert_like_coco(case: Case, most: int) -> None:
    expected = case.coco(most).eval
    found = average_precision(case.overlaps(), sizes=SIZES, most=most)
    assert found.precision.shape == (10, 101, 3, 4)
    for ours, theirs in ((found.precision, "precision"), (found.recall, "recall")):
        np.testing.assert_allclose(
            np.nan_to_num(ours, nan=-1), expected[theirs][..., 2], rtol=0, atol=1e-6
        )


def test_the_summary_is_that_of_coco() -> None:
    case = Case(3)
    run = case.coco(1000)
    found = average_precision(case.overlaps(), sizes=SIZES)
    precision = run.eval["precision"]

    def mean(values: Any) -> float:
        known = values[values > -1]
        return float(known.mean()) if known.size else float("nan")

    assert found.ap() == pytest.approx(mean(precision[:, :, :, 0, 2]), abs=1e-6)
    assert found.ap(0.5) == pytest.approx(mean(precision[0, :, :, 0, 2]), abs=1e-6)
    assert found.ap(0.75) == pytest.approx(mean(precision[5, :, :, 0, 2]), abs=1e-6)
    assert found.ap(label=1) == pytest.approx(mean(precision[:, :, 1, 0, 2]), abs=1e-6)
    assert found.ar(size=2) == pytest.approx(mean(run.eval["recall"][:, :, 2, 2]), abs=1e-6)


def panoptic_case(rng: np.random.Generator) -> tuple[npt.NDArray[Any], ...]:
    """Numbers and classes of truth and map: classes 0 and 1 are things, 2 and 3 stuff."""
    shape = (int(rng.integers(8, 40)), int(rng.integers(8, 40)))
    sides = []
    base = rng.integers(2, 4, (4, 4)).repeat(10, 0).repeat(10, 1)[: shape[0], : shape[1]]
    shapes = [
        (ellipse(rng, shape), int(rng.integers(0, 2))) for _ in range(int(rng.integers(0, 8)))
    ]
    for side in range(2):
        classes = base.astype(np.uint8)
        classes[rng.random(shape) < 0.1 * side] = 2
        numbers = np.zeros(shape, np.uint32)
        for number, (mask, label) in enumerate(shapes):
            if side and rng.random() < 0.2:
                continue
            placed = shifted(mask, rng) if side and rng.random() < 0.7 else mask
            wrong = side and rng.random() < 0.15
            # the truth's crowds have a class of things, and no number
            plain = not side and rng.random() < 0.2
            classes[placed] = 1 - label if wrong else label
            numbers[placed] = 0 if plain else 4_000_000_000 - 7 * number
        if not side:
            classes[ellipse(rng, shape) & (numbers == 0)] = NODATA
        sides += [numbers, classes]
    # a class of things needs an object somewhere to be known as one
    for label in range(2):
        sides[0][label, 0] = label + 1
        sides[1][label, 0] = label
    return tuple(sides)


def panoptic_by_definition(
    tn: npt.NDArray[Any], tc: npt.NDArray[Any], mn: npt.NDArray[Any], mc: npt.NDArray[Any]
) -> dict[int, tuple[int, int, int, float]]:
    """Pixel by pixel from the paper: true positives, false positives and negatives, sum of IoU."""

    def segments(numbers: Any, classes: Any) -> list[tuple[int, Mask]]:
        found = []
        for number in np.unique(numbers[numbers > 0]):
            mask = numbers == number
            found.append((int(np.bincount(classes[mask]).argmax()), mask))
        return found + [
            (label, (classes == label) & (numbers == 0))
            for label in (2, 3)
            if ((classes == label) & (numbers == 0)).any()
        ]

    truth = segments(tn, tc)
    mapped = segments(mn, mc)
    void = (tc == NODATA) & (tn == 0)
    crowds = {label: (tc == label) & (tn == 0) for label in (0, 1)}
    result: dict[int, list[Any]] = {label: [0, 0, 0, 0.0] for label in range(4)}
    free = set(range(len(mapped)))
    for label, mask in truth:
        for place, (other, guess) in enumerate(mapped):
            if other != label:
                continue
            iou = (mask & guess).sum() / (mask | (guess & ~void)).sum()
            if iou > 0.5:
                result[label][0] += 1
                result[label][3] += iou
                free.discard(place)
                break
        else:
            result[label][2] += 1
    for place in free:
        label, guess = mapped[place]
        lost = void | crowds[label] if label in crowds else void
        if (guess & lost).sum() / guess.sum() <= 0.5:
            result[label][1] += 1
    return {label: tuple(row) for label, row in result.items()}


@pytest.mark.parametrize("seed", range(50))
def test_pq_is_that_of_the_definition(seed: int) -> None:
    case = panoptic_case(np.random.default_rng(seed))
    counter = OverlapCounter(panoptic=True)
    counter.add(ObjectImage(*case[:2]), ObjectImage(*case[2:]))
    found = panoptic_quality(counter.finish(("a", "b", "c", "d")))
    expected = panoptic_by_definition(*case)
    for label, (right, spurious, missed, iou) in expected.items():
        assert (found.right[label], found.spurious[label], found.missed[label]) == (
            right,
            spurious,
            missed,
        )
        assert found.shared[label] == pytest.approx(iou, abs=1e-9)
        if right + spurious + missed:
            quality = iou / (right + (spurious + missed) / 2)
            assert found.pq()[label] == pytest.approx(quality, abs=1e-9)
            assert found.pq()[label] == pytest.approx(found.sq()[label] * found.rq()[label])
    assert found.things.tolist() == [True, True, False, False]


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 9))
def test_windows_of_any_size_count_alike(seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    case = panoptic_case(rng)
    inside = rng.random(case[0].shape) < 0.8
    sure = rng.integers(0, 101, case[0].shape).astype(np.uint8)
    whole = OverlapCounter(panoptic=True)
    whole.add(ObjectImage(*case[:2]), ObjectImage(*case[2:], sure), inside)
    cut = OverlapCounter(panoptic=True)
    for top in range(0, inside.shape[0], 5 * rows):
        for left in range(0, inside.shape[1], 5 * columns):
            here = slice(top, top + 5 * rows), slice(left, left + 5 * columns)
            part = [layer[here] for layer in (*case, sure)]
            cut.add(ObjectImage(*part[:2]), ObjectImage(*part[2:]), inside[here], place=(top, left))
    one, other = (counter.finish("abcd") for counter in (whole, cut))
    for side in ("truth", "mapped"):
        for name in ObjectTable.__dataclass_fields__:
            np.testing.assert_array_equal(
                getattr(getattr(one, side), name), getattr(getattr(other, side), name)
            )
    np.testing.assert_array_equal(one.pairs, other.pairs)
    np.testing.assert_array_equal(one.shared, other.shared)


def test_tables_are_those_of_the_whole_array() -> None:
    case = panoptic_case(np.random.default_rng(5))
    counter = OverlapCounter()
    sure = np.random.default_rng(5).integers(0, 101, case[0].shape).astype(np.uint8)
    counter.add(ObjectImage(*case[:2]), ObjectImage(*case[2:], sure))
    found = counter.finish("abcd")
    for table, numbers in ((found.truth, case[0]), (found.mapped, case[2])):
        assert table.numbers.tolist() == np.unique(numbers[numbers > 0]).tolist()
        for row, number in enumerate(table.numbers):
            rows, columns = np.nonzero(numbers == number)
            assert table.areas[row] == len(rows)
            box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert table.boxes[row].tolist() == box
    assert found.mapped.scores is not None
    for number, score in zip(found.mapped.numbers, found.mapped.scores, strict=True):
        assert score == pytest.approx(sure[case[2] == number].mean() / 100)
    for (one, other), shared in zip(found.pairs, found.shared, strict=True):
        mine = case[0] == found.truth.numbers[one]
        assert shared == (mine & (case[2] == found.mapped.numbers[other])).sum()
    assert UNKNOWN not in found.truth.classes


def drawn(*rows: str) -> npt.NDArray[np.uint32]:
    """Objects as letters: a is 1."""
    return np.array([[max(ord(c) - 96, 0) for c in row] for row in rows], np.uint32)


def compared(truth: Any, mapped: Any, confidence: Any = None, inside: Any = None) -> Overlaps:
    counter = OverlapCounter()
    counter.add(ObjectImage(truth), ObjectImage(mapped, confidence=confidence), inside)
    return counter.finish(["house"])


def test_split_and_merged_objects_are_told() -> None:
    truth = drawn("aaaa..bb.cc...dd", "aaaa..bb.cc...dd", "aaaa...........d")
    mapped = drawn("aabb..cccccg..ee", "aabb..cccccg..ee", "aabb....f.....ee")
    found = detect(compared(truth, mapped))
    assert found.split.tolist() == [True, False, False, False]  # a in two halves
    assert found.merged.tolist() == [False, False, True, False, False, False]  # b and c in one
    # IoU 0.5 is enough for a's left half, and the other half is spurious, as are f and g
    assert found.partners.tolist() == [0, NONE, NONE, 3]
    assert found.iou.tolist() == [0.5, 0, 0, 5 / 6]
    assert found.counts().tolist() == [[2, 2, 4]]
    precision, recall, f1 = rates(found.counts()[0])
    assert (precision, recall, f1) == pytest.approx((2 / 6, 2 / 4, 4 / 10))


def test_what_lies_outside_is_neither_right_nor_wrong() -> None:
    truth = drawn("aa..bb..cc")
    mapped = drawn("aa..bb.d..")
    inside = np.zeros(truth.shape, bool)
    inside[:, :3] = True
    found = detect(compared(truth, mapped, inside=inside))
    assert found.counts().tolist() == [[1, 0, 0]]
    sure = np.full(truth.shape, 50, np.uint8)
    result = average_precision(compared(truth, mapped, sure, inside), sizes=())
    assert result.ap() == result.ar() == 1
    assert panoptic_quality(compared(truth, mapped, inside=inside)).right.tolist() == [1]
    assert panoptic_quality(compared(truth, mapped, inside=inside)).means()[0] == 1


@given(st.integers(0, 2**32 - 1))
def test_the_best_threshold_is_that_of_trying_them_all(seed: int) -> None:
    found = Case(seed).overlaps()
    result = detect(found)
    scores = found.mapped.scores
    assert scores is not None
    every = []
    for score in np.unique(scores):
        keep = np.flatnonzero(scores >= score)
        table = ObjectTable(*(getattr(found.mapped, name)[keep] for name in MINE))
        chosen = np.isin(found.pairs[:, 1], keep)
        pairs = found.pairs[chosen].copy()
        pairs[:, 1] = np.searchsorted(keep, pairs[:, 1])
        less = Overlaps(found.names, found.truth, table, pairs, found.shared[chosen])
        every.append(float(rates(detect(less).counts().sum(axis=0))[2]))
    # what is all ignored has no F1
    assert np.nan_to_num(result.best[0]) == pytest.approx(np.nanmax([0, *every]))


MINE = ("classes", "areas", "numbers", "boxes", "scores")
