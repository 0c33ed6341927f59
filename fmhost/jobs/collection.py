"""How processes that serve or work for long look for garbage."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Look for garbage seldom, and not among what is there by now; for the whole process.

    What was built so far stays for as long as the process does. A request or a job makes thousands
    of objects, hardly any of them in circles, and each look at them takes its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
