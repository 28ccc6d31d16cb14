"""What every engine of a batch does before it starts anything."""

from __future__ import annotations

from inspect import signature
from pathlib import Path

import pytest

from geoseg.batches.cluster import job_settings
from geoseg.batches.plan import Batch, Recipe
from geoseg.batches.run_settings import ENGINES, RunSettings, find_engine
from geoseg.core.errors import InputError


@pytest.mark.parametrize("name", ENGINES)
class TestEngine:
    """What every entry of ENGINES does."""

    def test_it_is_found_and_takes_orders(self, name: str) -> None:
        pytest.importorskip("distributed", reason="pip install 'geoseg[cluster]'")
        engine = find_engine(name)
        assert len(signature(engine).parameters) == 4  # orders, report, progress, stop

    def test_it_is_named_where_another_is_asked_for(self, name: str) -> None:
        with pytest.raises(InputError, match=f"one of .*{name}"):
            find_engine(f"{name}!")

    def test_no_scheduler_but_for_dask(self, name: str) -> None:
        if name != "dask":
            with pytest.raises(InputError, match=f"--engine {name} knows no scheduler"):
                find_engine(name, ("scheduler",))


@pytest.mark.parametrize(
    "told",
    [
        ("mars",),
        ("local", "gres"),
        ("dask", "partition"),
        ("slurm", "scheduler"),
        ("local", "scheduler"),
    ],
)
def test_settings_that_an_engine_does_not_know(told: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="--engine"):
        find_engine(told[0], told[1:])


@pytest.mark.parametrize("name", ["SLURM", "PBS", "SGE", "LSF", "OAR", "HTCondor"])
def test_a_job_asks_for_what_it_is_told(name: str, tmp_path: Path) -> None:
    module = pytest.importorskip(
        f"dask_jobqueue.{name.lower()}", reason="pip install 'geoseg[cluster]'"
    )
    told = {
        "partition": "gpu",
        "account": "land",
        "gres": "gpu:1",
        "walltime": "02:00:00",
        "memory": "16GB",
        "cores": "8",
    }
    if name == "HTCondor":  # it knows neither queues nor times
        told = {"memory": "16GB", "cores": "8", "disk": "1GB"}
    if name == "OAR":  # what the site calls it
        told["memory_per_core_property_name"] = "memcore"
    settings = job_settings(
        RunSettings(Batch(tmp_path, Recipe()), "r", cluster=told), f"{name}Cluster"
    )
    settings.pop("scheduler_options")
    if name == "OAR":
        settings["job_extra_directives"] = []
    job = getattr(module, f"{name}Job")(scheduler="tcp://127.0.0.1:1", name="w", **settings)
    script = job.job_script()
    assert "OMP_NUM_THREADS=8" in script.replace(" ", "") or name == "HTCondor"
    assert "--nthreads 1" in script
    if name == "SLURM":
        for line in ("-p gpu", "-A land", "--gres=gpu:1", "-t 02:00:00", "--cpus-per-task=8"):
            assert line in script
