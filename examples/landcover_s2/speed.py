"""How fast a model is beside its teacher: both in OpenVINO and both in ONNX Runtime, taking turns
on one scene.

python examples/landcover_s2/speed.py --teacher ../shared/data/teacher/dynamicworld.onnx --scene
SCENE [MODEL ...]
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from statistics import median

import numpy as np
import onnxruntime
import rasterio
import torch
from teacher import Teacher

from geoseg.architectures import build
from geoseg.models import Bundle, find_model
from geoseg.models.openvino import compile_for_cpu, convert
from geoseg.training.transfer import adopt

SIDE = 512
Run = Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teacher", type=Path, required=True, help="dynamicworld.onnx")
    parser.add_argument(
        "--scene", type=Path, required=True, help="nine bands, at least 512 x 512 pixels"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("models", nargs="*", default=["landcover-s2"])
    args = parser.parse_args()
    with rasterio.open(args.scene) as file:
        numbers = file.read(window=((0, SIDE), (0, SIDE))).astype(np.float32)
    runs: dict[str, dict[str, Run]] = {"OpenVINO": {}, "ONNX Runtime": {}}
    teacher, session = (
        Teacher(args.teacher, args.threads),
        open_session(str(args.teacher), args.threads),
    )
    runs["OpenVINO"]["teacher"] = lambda: teacher(numbers)
    runs["ONNX Runtime"]["teacher"] = lambda: session.run(None, {"s2_l1c_dn": numbers[None]})
    for name in args.models:
        in_openvino, in_onnx = engines(find_model(name), numbers, args.threads)
        runs["OpenVINO"][name], runs["ONNX Runtime"][name] = in_openvino, in_onnx
    for engine, of_models in runs.items():
        report(engine, of_models, args.rounds)


def engines(bundle: Bundle, numbers: np.ndarray, threads: int) -> tuple[Run, Run]:
    """Return the model's network on as many bands of the scene as it takes, in either engine."""
    card = bundle.card
    network = build(
        card.architecture, len(card.bands), len(card.labels), card.hyperparameters
    ).eval()
    network.load_state_dict(adopt(bundle, card)[0])
    pixels = numbers[None, : len(card.bands)] * np.float32(card.scaling.scale)
    compiled = compile_for_cpu(
        convert(network, len(card.bands), card.stride), "fp32", threads, streams=1
    )
    file = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # of the exporter: it calls itself old, and the shapes constant
        torch.onnx.export(
            network, (torch.from_numpy(pixels),), file, input_names=["pixels"], dynamo=False
        )
    session = open_session(file.getvalue(), threads)
    return lambda: compiled(pixels), lambda: session.run(None, {"pixels": pixels})


def open_session(model: str | bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def report(engine: str, runs: dict[str, Run], rounds: int) -> None:
    """Let all of them take turns, and print the median of each one's pixels per second."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            begun = time.perf_counter()
            run()
            if turn:  # the first is to warm up
                taken[name].append(time.perf_counter() - begun)
    speeds = {name: SIDE**2 / median(times) for name, times in taken.items()}
    for name, speed in speeds.items():
        times = speed / speeds["teacher"]
        print(
            f"{engine:13} {Path(name).name:20} {speed / 1e6:7.3f} Mpx/s  {times:5.1f} x the teacher"
        )


if __name__ == "__main__":
    main()
