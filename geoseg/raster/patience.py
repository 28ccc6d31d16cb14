"""How long a server that fails is asked again."""

from __future__ import annotations

import time

PAUSES = (0.5, 1.0, 2.0)  # seconds before a server that failed is asked again
LONGEST = 60.0  # seconds after the first try from which on none begins


class Patience:
    """The tries that one read has."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.tries = 1

    def wait(self) -> bool:
        """Wait before another try.

        Returns
        -------
        bool
            False, at once, where there is none left.
        """
        if self.tries > len(PAUSES):
            return False
        pause = PAUSES[self.tries - 1]
        if time.monotonic() + pause - self._began >= LONGEST:
            return False
        time.sleep(pause)
        self.tries += 1
        return True
