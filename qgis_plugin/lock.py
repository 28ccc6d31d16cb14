"""Write the versions and hashes of all that the engine needs: `python qgis_plugin/lock.py` (needs
uv).

constraints.txt is for uv, uv.txt for pip, which installs uv where there is none. They hold for
every system and Python that the plugin knows. Torch and what comes with it have no hash: their
files differ by what one computes on, and torch's own index has others.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
PLUGIN = HERE / "geoseg_qgis"
HEAD = (
    "# made by qgis_plugin/lock.py; torch and torchvision without hashes,"
    " for each build has its own\n"
)
BY_BUILD = re.compile(r"(torch|torchvision)==\S+")
LEFT_OUT = re.compile(
    r"(nvidia|cuda|triton)[\w-]*=="
)  # which of them is needed, the build of torch says


def main() -> None:
    """Ask uv for the versions, and write those that do not depend on the build of torch with
    their hashes.
    """
    command = [
        "uv",
        "pip",
        "compile",
        "--universal",
        "--generate-hashes",
        "--no-header",
        "--no-annotate",
        "--python-version",
        "3.11",
        "--extra",
        "onnx",
        "--extra",
        "train",
        "--quiet",
        str(HERE.parent / "pyproject.toml"),
        "-",
    ]
    done = subprocess.run(command, input="uv\n", capture_output=True, text=True, check=True)
    uv, others = parted(done.stdout)
    (PLUGIN / "uv.txt").write_text(uv, encoding="utf-8")
    (PLUGIN / "constraints.txt").write_text(HEAD + others, encoding="utf-8")


def parted(lock: str) -> tuple[str, str]:
    """Return uv's lines of a lock file, and those of all else that does not depend on the build
    of torch.
    """
    uv, others = [], []
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        if BY_BUILD.match(entry):
            others.append(entry.split("\\")[0].rstrip())
        elif entry.startswith("uv=="):
            uv.append(entry)
        elif not LEFT_OUT.match(entry):
            others.append(entry)
    return "\n".join(uv) + "\n", "\n".join(others) + "\n"


if __name__ == "__main__":
    main()
