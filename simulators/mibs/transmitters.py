"""Transmitters and the silence switcher before one of them, in their makers' MIBs."""

from __future__ import annotations

from simulators.mibs.system import ENTERPRISES, Objects, Oid, one_or_two
from simulators.plant.county.station import Station
from simulators.plant.signals import constant
from simulators.plant.transmitter import Transmitter, TransmitterState

# RS-XX8000-COMMON-MIB and RS-XX8000-DVB-TX-MIB; the agent adds 0 to each scalar and 1 to each
# exciter's object. Powers are texts.
RS_COMMANDS: Oid = (*ENTERPRISES, 2566, 127, 1, 2, 167, 4, 1, 1, 1)
RS_TX: Oid = (*ENTERPRISES, 2566, 127, 1, 2, 167, 4, 1, 2)
# IRT-DVBT-SINGLETRANSMITTER-MIB; 0 is undefined in every enum, 1 good in one and bad in the next.
IRT: Oid = (*ENTERPRISES, 19831, 1, 1, 1, 1, 1)
_FREQUENCY_HZ = 602_000_000
_REFLECTED_SHARE = 0.004

# ECRESO-FM-TRANS-MIB inSeCurrentAudio: what is modulated now.
ECRESO_AUDIO_SOURCE: Oid = (*ENTERPRISES, 6404, 3, 1, 2, 4, 2, 1, 8, 0)
_AES_1 = 16

DEVA: Oid = (*ENTERPRISES, 35833, 6, 3)  # DB8008-MIB, levels in 8.8 fixed point dB
DEVA_AUDIO_LOSS: Oid = (*ENTERPRISES, 35833, 6, 2, 4, 10)  # threshold in tenths of a dB, holds
_SILENT_BELOW_DB, _SILENT_AFTER_S, _SOUND_AFTER_S = -50.0, 10, 2
_LEVEL_DB, _FLOOR_DB = -18.5, -80.0
_MAIN_DIGITAL, _AUX_DIGITAL = 14, 16


def dtmb_transmitter(station: Station, id_: str, t: int) -> Objects:
    """Rohde & Schwarz SX800 with the IRT objects of a single transmitter."""
    pair = station.dtmb
    power_w = pair.power_w[id_].at(t)
    is_able, is_tripped = pair.is_able[id_].at(t), station.history.during("trip", id_).at(t)
    is_wanted = pair.antenna.at(t) == id_ or pair.on_dummy[id_].at(t)
    has_warning = station.history.amount("modules_lost", id_).at(t) > 0 or not is_able
    is_fed = station.multiplexed.at(t)
    reflected_w = power_w * _REFLECTED_SHARE
    return {
        (*RS_COMMANDS, 64, 1): ("integer", _FREQUENCY_HZ),
        (*RS_TX, 1, 0): one_or_two(is_tripped),
        (*RS_TX, 2, 0): one_or_two(has_warning),
        (*RS_TX, 3, 0): one_or_two(is_one=False),
        (*RS_TX, 4, 0): one_or_two(power_w > 0),
        (*RS_TX, 5, 0): ("octets", f"{power_w:.1f}"),
        (*RS_TX, 6, 0): ("octets", f"{reflected_w:.1f}"),
        (*RS_TX, 7, 0): one_or_two(is_one=False),
        (*RS_TX, 8, 0): one_or_two(is_tripped),
        (*IRT, 2, 0): ("integer", 2),
        (*IRT, 3, 0): one_or_two(is_wanted),
        (*IRT, 4, 0): one_or_two(power_w > 0),
        (*IRT, 6, 0): one_or_two(is_tripped),
        (*IRT, 7, 0): one_or_two(has_warning),
        (*IRT, 8, 0): one_or_two(is_fed),
        (*IRT, 9, 0): one_or_two(is_one=False),
        (*IRT, 10, 0): ("integer", 2),
        (*IRT, 11, 0): ("integer", 1),
        (*IRT, 12, 0): ("integer", 2),
        (*IRT, 13, 0): ("integer", 2),
        (*IRT, 14, 0): ("integer", 2),
    }


def fm_transmitter(station: Station, id_: str, t: int) -> Objects:
    """WorldCast Ecreso FM; its objects are those of the small site's transmitter."""
    fm = station.fm[id_]
    state = TransmitterState(
        forward_power_w=fm.power_w.at(t),
        wanted_power_w=fm.nominal_w,
        is_commanded_on=True,
        has_fault=fm.is_tripped.at(t),
    )
    frequency = round(station.layout.devices[id_].facts.get("frequency_mhz", 98.6) * 100)
    shown = constant(state)
    always = constant(value=True)
    objects = Transmitter(id_, frequency, shown, shown, always, constant(t)).objects(t)
    return dict(objects) | {ECRESO_AUDIO_SOURCE: ("integer", _AES_1)}


def silence_switcher(station: Station, id_: str, t: int) -> Objects:
    """DEVA DB8008: what is on the output and why, levels, and silence on each input."""
    channel = station.channels[station.layout.devices[id_].channel]
    main, *backups = channel.sources.values()
    has_main, has_aux = main.at(t).has_sound, any(b.at(t).has_sound for b in backups)
    objects: Objects = {
        (*DEVA, 1, 0): ("integer", _AUX_DIGITAL if channel.on_backup.at(t) else _MAIN_DIGITAL),
        (*DEVA, 2, 0): ("integer", 0),
        (*DEVA, 15, 0): ("integer", 2),
        (*DEVA, 22, 0): ("integer", 2),
        (*DEVA, 53, 0): ("integer", 2 if channel.says_main_silent.at(t) else 1),
        (*DEVA, 54, 0): ("integer", 1 if has_aux else 2),
        (*DEVA, 55, 0): ("integer", 1),
    }
    settings = {1: round(_SILENT_BELOW_DB * 10), 2: _SILENT_AFTER_S, 4: _SOUND_AFTER_S}
    for place, value in settings.items():
        objects[*DEVA_AUDIO_LOSS, place, 0] = ("integer", value)
    levels = {3: channel.output.at(t).has_sound, 9: has_main, 16: has_aux}
    for first, has_sound in levels.items():
        level = round((_LEVEL_DB if has_sound else _FLOOR_DB) * 256)
        # Left and right: the value, its average and its peak.
        objects |= {(*DEVA, first + place, 0): ("integer", level) for place in range(6)}
    return objects
