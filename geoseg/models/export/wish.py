"""What is asked of an export."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.errors import InputError

PLACES = ("inside", "outside")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of an export."""

    scaling: str = ""
    """Whether the graph scales the digital numbers of a file itself (inside), or takes values that
    were normalised (outside); "" for what is usual: inside, but outside for mlm, whose item says
    how they are.
    """
    activation: str = ""
    """Whether it gives probabilities (inside, which is usual) or logits (outside)."""
    deepness: bool = False
    """Whether an ONNX file gets the keys that the plugin Deepness reads."""

    def __post_init__(self) -> None:
        for name in ("scaling", "activation"):
            if getattr(self, name) not in ("", *PLACES):
                raise InputError(f"--{name} {getattr(self, name)}", " or ".join(PLACES))


USUAL = Wish()
