"""The whole of segmentation, in order: read, infer, stitch, classify; write and trace at the
same time.
"""

from __future__ import annotations

from contextlib import closing

from ..core.events import Report, Summary, silent
from ..core.job import Job
from ..core.threads import prefetch
from .infer import infer
from .outputs import open_outputs
from .run import Run, open_run
from .stitch import SeamBuffer, classify, stitch
from .summary import summarise


def segment(job: Job | Run, report: Report = silent) -> Summary:
    """Segment one scene: read, infer, stitch, classify, write; polygons are traced meanwhile.

    Whatever fails, and wherever: no thread and nothing on the device is still under way when the
    error goes on, and no output has its name that is not whole.

    Parameters
    ----------
    job
        One scene, one model, and where the results go; or a run that is open already.
    report
        Takes the events, from this thread.

    Returns
    -------
    Summary
        What was made. Every output of the job is whole and in its place.

    Raises
    ------
    GeosegError
        With what was found, what was expected and what to do: InputError, ModelError and
        OutputError for what was given, RunError for what failed on the way.
    """
    with (
        open_run(job, report) as run,  # scene, model, tiling
        open_outputs(run) as outputs,  # rasters, polygons
        SeamBuffer() as seam,
    ):
        threads = run.options.compute.read_threads
        for band in run.column_bands:  # more than one where the scene is very wide
            tiles = run.tiles(band)
            with (  # whatever fails, the device is waited for, and then the threads
                closing(prefetch(run.source.read, tiles, threads, run.depth)) as pixels,
                closing(infer(run.model, run.watched(pixels), run.batch, run.takes)) as scores,
            ):
                # weighted mean; only open rows in memory
                labels = len(run.card.labels)
                pieces = stitch(scores, run.tiling, band, labels, seam, run.model, run.planes)
                made = (classify(each, run.card, run.inside(each), run.planes) for each in pieces)
                outputs.write(made)  # threads: rasters and polygons
    return summarise(run, outputs)
