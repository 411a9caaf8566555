"""What the core is known not to hold yet, by subject of the observer, with the row of the faults.

A failure of these subjects is found and counted, and does not fail the verdict; a strict xfail test
proves of each that it is still there. The commit that corrects one removes both.
"""

from __future__ import annotations

from typing import Final

KNOWN: Final[dict[str, str]] = {}
