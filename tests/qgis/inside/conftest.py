"""The plugin in a real QGIS, with the real engine (GEOSEG_PYTHON) and real scenes
(GEOSEG_TEST_DATA).
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback, QgsProject
from qgis.PyQt.QtCore import QEventLoop, QTimer

HERE = Path(__file__).parents
sys.path[:0] = map(
    str, (HERE[3] / "qgis_plugin", HERE[1], HERE[2])
)  # with packages and range_server


class Feedback(QgsProcessingFeedback):
    """Keeps what an algorithm says, and cancels it once its progress is above `cancel_at`."""

    def __init__(self, cancel_at: float = 1000.0) -> None:
        super().__init__(False)
        self.said: list[str] = []
        self._cancel_at = cancel_at
        self._cancelled = 0.0

    def setProgress(self, progress: float) -> None:
        super().setProgress(progress)
        if progress > self._cancel_at and not self.isCanceled():
            self._cancelled = time.monotonic()
            self.cancel()

    def since_cancel(self) -> float:
        return time.monotonic() - self._cancelled

    def pushInfo(self, info: str) -> None:
        self.said.append(info)

    pushConsoleInfo = pushDebugInfo = pushCommandInfo = setProgressText = pushWarning = pushInfo

    def reportError(self, error: str, fatalError: bool = False) -> None:
        self.said.append(error)

    @property
    def text(self) -> str:
        return "\n".join(self.said)


def wait_until(condition):
    """Let Qt work until the condition holds."""
    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: condition() and loop.quit())
    timer.start(50)
    if not condition():
        (getattr(loop, "exec", None) or loop.exec_)()


@pytest.fixture
def data() -> Path:
    return Path(os.environ["GEOSEG_TEST_DATA"])


@pytest.fixture(scope="session")
def provider(qgis_app, qgis_processing):
    from geoseg_qgis.provider import GeosegProvider

    found = GeosegProvider()
    QgsApplication.processingRegistry().addProvider(found)
    yield found
    QgsApplication.processingRegistry().removeProvider(found)


@pytest.fixture
def feedback() -> Feedback:
    return Feedback()


@pytest.fixture
def context():
    made = QgsProcessingContext()
    made.setProject(QgsProject.instance())
    yield made
    # layers that outlive QGIS take it down at its end
    made.temporaryLayerStore().removeAllMapLayers()


@pytest.fixture
def project():
    QgsProject.instance().clear()
    yield QgsProject.instance()
    QgsProject.instance().clear()
