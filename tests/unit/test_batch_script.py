"""The script of a job array says what it was asked for; that Slurm takes it is shown in
test_batch_slurm.py.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from geoseg.batches.plan import Batch, Recipe, Scene, Unit, add_scenes, create_batch
from geoseg.batches.run_settings import RunSettings
from geoseg.batches.script import array_script
from geoseg.core.errors import InputError


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    made = create_batch(tmp_path / "my maps", Recipe("m", {"m": "0" * 64}, ("tif",)))
    add_scenes(
        made,
        [Scene((f"/{i}.tif",), str(i)) for i in range(9)],
        lambda scene, name: [Unit(name, scene.paths)],
    )
    return made


def read_by_slurm(script: str) -> list[str]:
    return [line.split("  ")[0] for line in script.splitlines() if line.startswith("#SBATCH")]


def test_it_says_what_was_asked_for(batch: Batch) -> None:
    told = {
        "partition": "gpu",
        "account": "land",
        "gres": "gpu:a100:2",
        "walltime": "1-00:00:00",
        "cores": "8",
        "memory": "16GB",
    }
    script = array_script(
        RunSettings(batch, "r", 4, retries=5, here=("--device", "cuda"), cluster=told)
    )
    assert {
        "#SBATCH --array=1-4",
        "#SBATCH --partition=gpu",
        "#SBATCH --account=land",
        "#SBATCH --gres=gpu:a100:2",
        "#SBATCH --time=1-00:00:00",
        "#SBATCH --cpus-per-task=8",
        "#SBATCH --mem=16G",
        "#SBATCH --signal=B:USR1@60",
    } < set(read_by_slurm(script))
    assert f"#SBATCH --output='{batch.folder}/.ledger/log/%A_%a.txt'" in read_by_slurm(script)
    assert (
        f"--out-dir '{batch.folder}' --retries 5 --lost-after 300.0 --quiet --device cuda \\\n"
        in script
    )
    assert (batch.ledger / "log").is_dir()  # else Slurm's jobs fail without a word


def test_what_was_not_asked_for_is_there_to_be_filled_in(batch: Batch) -> None:
    script = array_script(RunSettings(batch, "r", 400))
    assert "#SBATCH --array=1-9" in read_by_slurm(
        script
    )  # more than there are units would be of no use
    for word in ("partition", "account", "gres", "time"):
        assert f"\n##SBATCH --{word}=" in script
        assert not any(word in line for line in read_by_slurm(script))


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")
def test_it_is_a_script(batch: Batch, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(array_script(RunSettings(batch, "r")))
    subprocess.run(["bash", "-n", tmp_path / "a"], check=True)


@pytest.mark.parametrize(
    "told",
    [
        {"interface": "lo"},
        {"scheduler": "tcp://a:1"},
        {"memory": "much"},
        {"memory": "1.5GB"},
        {"partition": "a\n#SBATCH --wrap=b"},
    ],
)
def test_what_it_has_no_word_for_is_refused(batch: Batch, told: dict[str, str]) -> None:
    with pytest.raises(InputError):
        array_script(RunSettings(batch, "r", cluster=told))
