"""Python's garbage collection: held back while many small objects are made, and kept short.

Only that: what is made, and for whom, is elsewhere. A comparison, or a triage of a fleet, makes
some hundred thousand objects and no cycles; each pass over all that is alive then finds nothing,
and the passes took a third of the time.
"""

from __future__ import annotations

import atexit
import gc
from contextlib import ContextDecorator
from threading import Lock
from types import TracebackType


class HeldBack(ContextDecorator):
    """No collection while a block, or a decorated function, runs.

    On again when the last of all threads has left it. Where collection was switched off before,
    it stays off. Objects that no cycle holds are freed at once all the same.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._was_on = True

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._was_on = gc.isenabled()
                gc.disable()
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside and self._was_on:
                gc.enable()


class Settled:
    """What a process that serves has loaded is kept from collection, once for its life.

    Modules stay until the end, and a pass over their two hundred thousand objects takes longer
    than to read a page. What dies later is freed all the same unless a cycle holds it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_done = False

    def settle(self) -> None:
        """Collect once more, then keep all that is alive out of every later pass."""
        with self._lock:
            if self._is_done:
                return
            self._is_done = True
        gc.collect()
        gc.freeze()
        atexit.register(gc.unfreeze)  # so that the process can put everything away as it ends


held_back = HeldBack()
"""The one of this process: collection is switched for all of it."""
settled = Settled()
"""The one of this process."""
