"""What a run made, as it is told at its end, with what may be wrong with the map."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.card import ModelCard
from ..core.events import Finished, Summary, Warned
from ..core.machine import peak_rss
from ..scene.values import constant_warning
from .outputs import Outputs
from .run import Run
from .stac_map import write_item

# shares: of a class that fills nearly all of a map, of one that a model hardly knows
ALL = 0.9
HARDLY = 0.02


def summarise(run: Run, outputs: Outputs) -> Summary:
    """Report what a run made whose outputs are whole, and warn where that may be wrong.

    Parameters
    ----------
    run
        What was mapped, by what.
    outputs
        What was written, which is closed.

    Returns
    -------
    Summary
        As it is reported with the event Finished.
    """
    tally = outputs.rasters.tally
    shares = tally.shares
    if not tally.pixels:
        run.report(Warned("no pixel of the scene is valid: the map is empty"))
    for value, share in run.constants.shares.items():
        if value not in run.source.coverage.constants:  # else it was said before the run
            run.report(Warned(constant_warning(value, share)))
    if text := improbable(shares, run.card):
        run.report(Warned(text))
    summary = Summary(
        outputs=run.job.outputs,
        model=run.card.name,
        model_sha256=run.bundle.sha256,
        device=run.model.device,
        pixels=tally.pixels,
        nodata_pixels=tally.nodata,
        polygons=outputs.polygons.count,
        shares=shares,
        numbers=tally.numbers,
        warnings=tuple(run.report.warnings),
        engine=run.computed.engine,
        precision=run.computed.precision,
        agreement=run.computed.agreement,
        tta=run.computed.tta,
        masked=run.masked.text if run.masked else "",
        masked_pixels=run.masked.pixels if run.masked else 0,
        tile=run.tiling.tile,
        memory_asked=run.plan.asked if run.plan else 0,
        memory_planned=run.plan.planned if run.plan else 0,
        memory_peak=int(peak_rss() * 1e6),
        slower=run.plan.slower if run.plan else 1.0,
        **run.clock.shares(),
    )
    if run.job.stac and run.provenance:
        grid, region = run.written
        tags = run.source.info.tags
        replaced = run.job.stac in run.replaced
        write_item(
            run.job, grid.crop(region), run.card, run.provenance, summary, dict(tags), replaced
        )
    run.report(Finished(summary))
    return summary


def improbable(shares: Mapping[str, float], card: ModelCard) -> str:
    """Say where one class fills nearly all of a map that the model's own data hardly hold.

    Parameters
    ----------
    shares
        Each class's fraction of the mapped pixels, by its name.
    card
        The model's. What its data hold is told by the pixels of each class among those that it was
        measured on.

    Returns
    -------
    str
        A warning; "" where nothing is improbable, or nothing was measured.
    """
    known = card.scores.get("held_out") or card.scores.get("validation") or {}
    pixels = {name: found.get("pixels", 0) for name, found in known.get("classes", {}).items()}
    total = sum(pixels.values())
    name = max(shares, key=lambda name: shares[name], default="")
    if not total or name not in pixels or shares[name] < ALL or pixels[name] >= HARDLY * total:
        return ""
    return (
        f"{shares[name]:.0%} of the map is {name}, which is {pixels[name] / total:.1%} of the "
        f"pixels that {card.name}"
        " was measured on: look whether the scene's numbers mean what was said above"
    )
