"""One FM transmitter and its SNMP agent: what it does, what it shows, in which objects.

Owns the objects, written from the maker's MIB. Must not know why power fails, nor any audience.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulators.plant.signals import Signal

Oid = tuple[int, ...]
Typed = tuple[str, int | str]
"""(syntax, value); syntax is integer, gauge32, timeticks, octets or oid."""

# SNMPv2-MIB (RFC 3418).
SYS_DESCR: Oid = (1, 3, 6, 1, 2, 1, 1, 1, 0)
SYS_UP_TIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)

# ECRESO-FM-TRANS-MIB (WorldCast Systems); scalars, so each ends in 0. Checked against recorded
# walks of four such transmitters, which agree on OIDs, syntaxes and enums.
ECRESO: Oid = (1, 3, 6, 1, 4, 1, 6404, 3, 1, 2, 7, 1)
STANDBY: Oid = (*ECRESO, 1, 3, 0)  # txGnGlStandby: 0 undefined, 1 on, 2 off
LOCAL_MODE: Oid = (*ECRESO, 1, 4, 0)  # txGnGlLocalMode: 0 undefined, 1 local, 2 remote
ALARM_3DB: Oid = (*ECRESO, 2, 1, 0)  # txGnAl3dB: 0 undefined, 1 on (alarm), 2 off (fine)
FAULT: Oid = (*ECRESO, 2, 2, 0)  # txGnAlFault: 0 undefined, 1 fault, 2 off (fine)
WARNING: Oid = (*ECRESO, 2, 3, 0)  # txGnAlWarning: 0 undefined, 1 on (warning), 2 off (fine)
ALARM_1DB: Oid = (*ECRESO, 2, 9, 0)  # txGnAl1dB: 0 undefined, 1 on (alarm), 2 off (fine)
FORWARD_POWER: Oid = (*ECRESO, 3, 1, 0)  # txGnMsForwardPower: Gauge32, W
REFLECTED_POWER: Oid = (*ECRESO, 3, 2, 0)  # txGnMsReflectedPower: Gauge32, W/10
VSWR: Oid = (*ECRESO, 3, 3, 0)  # txGnMsVSWR: Gauge32 from 10 on, /10
FREQUENCY: Oid = (*ECRESO, 4, 1, 0)  # txGnRfFrequency: Gauge32, MHz/100
OPMODE: Oid = (*ECRESO, 4, 5, 0)  # txGnRfOpmode: 0 undefined, 1 on, 2 off
WANTED_POWER: Oid = (*ECRESO, 4, 6, 0)  # txGnRfPower: Gauge32, W
RF_PRESENT: Oid = (*ECRESO, 4, 7, 0)  # txGnRfRFPresent: 0 undefined, 1 present, 2 not present

TICKS_PER_DAY = 8_640_000
_TIMETICKS_WRAP = 2**32
_TICK = 10_000  # TimeTicks are hundredths of a second
_RF_PRESENT_FROM_W = 10
_REFLECTED_SHARE = 250  # of forward power: a VSWR of 1.1
_VSWR_TENTHS, _VSWR_TENTHS_MIN = 11, 10


@dataclass(frozen=True, slots=True)
class TransmitterState:
    """The state of one transmitter. ``is_commanded_on``: its operating mode, not its power."""

    forward_power_w: int
    wanted_power_w: int
    is_commanded_on: bool
    has_fault: bool


@dataclass(frozen=True, slots=True)
class Transmitter:
    """``actual``: its state; ``shown``: its state in the agent's cache.

    ``answers``: whether the agent does; ``booted_at``: when the agent last began, as a signal.
    """

    id: str
    frequency_10khz: int
    actual: Signal[TransmitterState]
    shown: Signal[TransmitterState]
    answers: Signal[bool]
    booted_at: Signal[int]

    def objects(self, t: int) -> dict[Oid, Typed]:
        """Return every object as the wire gives it at ``t``, in order of OID."""
        up_ticks = (t - self.booted_at.at(t)) // _TICK % _TIMETICKS_WRAP
        system: dict[Oid, Typed] = {
            SYS_DESCR: ("octets", f"Simulated FM transmitter {self.id}"),
            SYS_UP_TIME: ("timeticks", up_ticks),
        }
        return system | self._alarms(self.shown.at(t)) | self._measures(self.shown.at(t))

    def _alarms(self, state: TransmitterState) -> dict[Oid, Typed]:
        power_w, wanted_w = state.forward_power_w, state.wanted_power_w
        # A transmitter that is commanded off has no power alarm, as in the recording.
        is_3db_low = state.is_commanded_on and power_w * 2 < wanted_w
        is_1db_low = state.is_commanded_on and power_w * 100 < wanted_w * 79
        return {
            STANDBY: _enum(is_one=False),
            LOCAL_MODE: _enum(is_one=False),
            ALARM_3DB: _enum(is_one=is_3db_low),
            FAULT: _enum(is_one=state.has_fault),
            WARNING: _enum(is_one=is_1db_low),
            ALARM_1DB: _enum(is_one=is_1db_low),
        }

    def _measures(self, state: TransmitterState) -> dict[Oid, Typed]:
        power_w = state.forward_power_w
        return {
            FORWARD_POWER: ("gauge32", power_w),
            REFLECTED_POWER: ("gauge32", power_w * 10 // _REFLECTED_SHARE),
            VSWR: ("gauge32", _VSWR_TENTHS if power_w else _VSWR_TENTHS_MIN),
            FREQUENCY: ("gauge32", self.frequency_10khz),
            OPMODE: _enum(is_one=state.is_commanded_on),
            WANTED_POWER: ("gauge32", state.wanted_power_w),
            RF_PRESENT: _enum(is_one=power_w >= _RF_PRESENT_FROM_W),
        }


def _enum(*, is_one: bool) -> Typed:
    """Return 1 or 2: this MIB's two values, where 0 would mean undefined."""
    return ("integer", 1 if is_one else 2)
