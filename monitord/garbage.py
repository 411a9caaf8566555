"""What Python's collector of garbage looks at. Knows nothing of a site."""

from __future__ import annotations

import gc


def leave_out_what_is_in_use() -> None:
    """Free what is no longer used, and let later collections look at none of the rest.

    A collection looks at every object and holds up the loop meanwhile: a fifth of a second with
    the configuration of 10,000 devices, which lives as long as the daemon or until a reload.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
