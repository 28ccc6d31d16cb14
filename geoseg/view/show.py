"""What the command does: look at what was named, and listen; or write the page as one file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ..core.errors import InputError
from ..core.events import Noted, Report
from ..labelling.workspace import open_workspace
from .app import Listening, Shown, listen
from .assets import need
from .desk import Desk
from .named import is_workspace, open_view
from .photo import Darkroom


@contextmanager
def open_page(
    outputs: Sequence[str],
    scene: Sequence[str] = (),
    *,
    label: str | None = None,
    port: int = 0,
) -> Iterator[Listening]:
    """Look at what was named, and take a port for its page.

    Parameters
    ----------
    outputs
        Paths of a map's files and of its scene; one may be a workspace.
    scene
        The files of a scene of several.
    label
        The workspace in which the page labels; None is that of `outputs`, if any.
    port
        Of 127.0.0.1; 0 is one that is free.

    Yields
    ------
    Listening
        To be served. What goes on beside the page ends with the block.

    Raises
    ------
    InputError
        If something cannot be shown.
    """
    need("rio_tiler.io", "starlette.applications", "uvicorn", "xstatic.pkg.leaflet")
    folders = [*([label] if label else []), *(path for path in outputs if is_workspace(path))]
    if len({Path(folder).resolve() for folder in folders}) > 1:
        raise InputError(f"{len(folders)} workspaces: {', '.join(folders)}", "one of them")
    scenes = [list(scene)] if scene else []
    if folders:
        scenes += [list(one.files) for one in open_workspace(folders[0]).scenes]
    view = open_view([path for path in outputs if path not in folders], scenes)
    with TemporaryDirectory(prefix="geoseg-view-") as scratch, ExitStack() as closing:
        darkroom = Darkroom(Path(scratch))
        closing.callback(darkroom.close)
        desk = None
        if folders:
            desk = Desk(folders[0], view.frame, Path(scratch))
            closing.callback(desk.close)
        yield listen(Shown(view, desk, darkroom), port)


def export(
    outputs: Sequence[str],
    scene: Sequence[str],
    page: str,
    *,
    overwrite: bool = False,
    report: Report,
) -> None:
    """Write the page as one file.

    Parameters
    ----------
    outputs
        Paths of a map's files and of its scene.
    scene
        The files of a scene of several.
    page
        Where it goes: a .html.
    overwrite
        Whether a file there may be replaced.
    report
        Told how far it is.

    Raises
    ------
    InputError
        If something cannot be shown, or is too large for a page.
    """
    from .export import export_page

    if Path(page).suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--export {page}", "a file that ends in .html")
    need("rio_tiler.io", "xstatic.pkg.leaflet")
    view = open_view(outputs, [list(scene)] if scene else [])
    size = export_page(view, Path(page), [*outputs, *scene], overwrite=overwrite, report=report)
    report(Noted(f"written: {page} ({size / 1e6:.1f} MB)"))
