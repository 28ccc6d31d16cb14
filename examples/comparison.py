"""Networks trained alike through the command line, measured, and written as one table.

Bundles lie in the work folder, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from geoseg import find_model, load_model
from geoseg.models import Bundle

WINDOW = 512  # pixels: what speed is measured on
ROUNDS = 7
Network = tuple[str, dict[str, Any]]  # architecture and its hyperparameters


@dataclass(frozen=True)
class Comparison:
    """Rows of a table, each a network, and the configuration that all are trained with.

    `part` names the scores of the card that the table shows.
    """

    rows: Mapping[str, Network]
    common: Path
    samples: Path
    work: Path
    part: str

    def run(self, chosen: list[str]) -> None:
        """Train the chosen rows, and write the table of all that are trained."""
        for row in chosen:
            self.train(row)
        trained = {
            row: find_model(str(self.folder(row))) for row in self.rows if self.is_trained(row)
        }
        self.write_table(trained, speeds(trained))

    def train(self, row: str) -> None:
        """Train one row of the table, unless its bundle is there already."""
        if self.is_trained(row):
            return
        config = self.write_config(row)
        print(f"{row}: training", flush=True)
        begun = time.monotonic()
        subprocess.run(
            [
                sys.executable,
                "-m",
                "geoseg",
                "train",
                config,
                "--overwrite",
                "--out",
                self.folder(row),
            ],
            check=True,
        )
        print(f"{row}: {time.monotonic() - begun:.0f} s", flush=True)

    def write_config(self, row: str) -> Path:
        """Write the common configuration with what is this row's own."""
        architecture, hyperparameters = self.rows[row]
        given = ", ".join(
            f"{name} = {json.dumps(value)}" for name, value in hyperparameters.items()
        )
        own = {
            "name": json.dumps(self.folder(row).name),  # the first in the file: that of the card
            "architecture": json.dumps(architecture),
            "hyperparameters": f"{{ {given} }}",
            "samples": json.dumps(str(self.samples.resolve())),
        }
        text = self.common.read_text(encoding="utf-8")
        for key, value in own.items():
            text = put(text, key, value)
        config = self.work / f"{self.folder(row).name}.toml"
        config.write_text(text, encoding="utf-8")
        return config

    def folder(self, row: str) -> Path:
        """Return where the bundle of a row lies."""
        return self.work / "".join(
            letter if letter.isalnum() else "-" for letter in row.lower().replace("+", "-plus")
        )

    def is_trained(self, row: str) -> bool:
        """The card is the last file that a training writes."""
        return (self.folder(row) / "card.json").is_file()

    def write_table(self, trained: Mapping[str, Bundle], speed: Mapping[str, float]) -> None:
        """Write the table as CSV and as Markdown, best first."""
        rows = [measured(row, bundle, self.part, speed[row]) for row, bundle in trained.items()]
        rows.sort(key=lambda row: -float(row["mean IoU"]))
        with (self.work / "table.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
        lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
        text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        (self.work / "table.md").write_text(text + "\n", encoding="utf-8")
        print(text)


def put(text: str, key: str, value: str) -> str:
    """Replace the value of a key where it first stands in a TOML file."""
    return re.sub(rf"^{key} = .*$", lambda _: f"{key} = {value}", text, count=1, flags=re.MULTILINE)


def speeds(trained: Mapping[str, Bundle]) -> dict[str, float]:
    """Return pixels per second of one core, of each model as `geoseg predict` runs it: folded,
    channels_last, batch 1.

    Processor time is counted, and the models take turns, the best of the rounds being kept: what
    else the machine does hardly shows.
    """
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    valid = np.ones((1, WINDOW, WINDOW), bool)
    models = {
        row: load_model(bundle, bundle.card.scaling, "cpu") for row, bundle in trained.items()
    }
    pixels = {
        row: rng.integers(
            0, 256, (1, len(bundle.card.bands), WINDOW, WINDOW), np.dtype(bundle.card.dtypes[0])
        )
        for row, bundle in trained.items()
    }
    taken: dict[str, list[float]] = {row: [] for row in models}
    for _ in range(ROUNDS):
        for row, model in models.items():
            begun = time.thread_time()
            model(pixels[row], valid)
            taken[row].append(time.thread_time() - begun)
    return {row: WINDOW * WINDOW / min(times) for row, times in taken.items()}


def measured(row: str, bundle: Bundle, part: str, speed: float) -> dict[str, str]:
    """Return one row of the table."""
    card = bundle.card
    found = card.scores[part]
    return {
        "architecture": row,
        "encoder": str(card.hyperparameters.get("encoder", "its own")),
        "mean IoU": f"{found['mean_iou']:.3f}",
        "accuracy": f"{found['accuracy']:.3f}",
        **{name: f"{scores['iou']:.2f}" for name, scores in found["classes"].items()},
        "parameters, M": f"{card.parameters / 1e6:.2f}",
        "Mpx/s, one core": f"{speed / 1e6:.2f}",
    }
