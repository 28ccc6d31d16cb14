"""What a workspace holds, for people and programs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .labels import by_author
from .workspace import Workspace, read_labels


def summarise(workspace: Workspace) -> dict[str, Any]:
    """Say what a workspace holds.

    Parameters
    ----------
    workspace
        Opened; its scenes need not be there.

    Returns
    -------
    dict
        As JSON holds it: scenes, classes with the number of their labels, authors, model, and the
        line of the last round.

    Raises
    ------
    InputError
        If labels or history cannot be read.
    """
    frame = read_labels(workspace)
    counts = Counter(frame["class"])
    model = workspace.current_model()
    rounds = workspace.history()

    def named(line: dict[str, Any]) -> bool:
        return model is not None and line.get("model") == f"{model.parent.name}/{model.name}"

    return {
        "folder": str(workspace.folder),
        "scenes": [
            {"name": scene.name, "path": scene.path, "missing": list(scene.missing)}
            for scene in workspace.scenes
        ],
        "classes": [
            {
                "value": label.value,
                "name": label.name,
                "colour": label.colour,
                "labels": counts[label.name],
            }
            for label in workspace.classes
        ],
        "labels": len(frame),
        "authors": {name or "": len(rows) for name, rows in by_author(frame).items()},
        "start": workspace.start,
        "model": None if model is None else str(model),
        "score": next((line.get("mean_iou") for line in reversed(rounds) if named(line)), None),
        "rounds": len(rounds),
        "last": rounds[-1] if rounds else None,
    }
