"""Devices that count errors: a minute's increase is judged, never the count itself."""

from __future__ import annotations

import pytest

from monitord.core.model import SECOND, Value
from monitord.decoding.decoder import Decoder
from monitord.decoding.rules import Raw
from tests.unit.profiles.devices import Kind, device

# profile, its counter, and whether the agent writes numbers as texts
COUNTING = [
    ("teleste-luminato", "continuity_errors", False),
    ("terra-sdi410c", "continuity_errors", False),
    ("cisco-d985x", "uncorrected_errors", True),
]


class Receiver:
    """One that is read every second, and has counted for long before."""

    def __init__(self, profile: str, counter: str, in_texts: bool) -> None:
        self.kind: Kind = device(profile)
        self.count = 42_277
        self._counter = counter
        self._in_texts = in_texts
        self._decoder = Decoder(self.kind.points)
        self._seconds = 0

    def run(self, seconds: int) -> bool | None:
        """Return whether the stream is clean after so many answers."""
        values: tuple[Value, ...] = ()
        for _ in range(seconds):
            self._seconds += 1
            count: Raw = str(self.count).encode() if self._in_texts else self.count
            raws: dict[str, Raw] = {"uptime_s": 500_000 + 100 * self._seconds}
            raws[self._counter] = count
            answer = [raws.get(point.id) for point in self.kind.read_points]
            values = self._decoder.decode(answer, self._seconds * SECOND).values
        return self.kind.judge(values).conditions["clean"]


@pytest.mark.parametrize(("profile", "counter", "in_texts"), COUNTING)
def test_old_errors_are_forgotten_and_new_ones_seen(
    profile: str, counter: str, in_texts: bool
) -> None:
    """However many there ever were; ten in a minute pass, eleven do not."""
    receiver = Receiver(profile, counter, in_texts)
    assert receiver.run(10) is None
    assert receiver.run(51) is True
    receiver.count += 10
    assert receiver.run(1) is True
    receiver.count += 1
    assert receiver.run(1) is False
    assert receiver.run(62) is True
