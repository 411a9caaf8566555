"""Equipment whose own MIB is not known here: its objects are below an arc kept for experiments.

The arc is netSnmpPlaypen of NET-SNMP-MIB, left free by that project for this. Below it: kind,
object, 0. Everywhere 1 is the good value and 2 the bad one, except where a line says else.
"""

from __future__ import annotations

from simulators.mibs.system import ENTERPRISES, Objects, Oid, one_or_two
from simulators.plant.county.station import Station

PLAYPEN: Oid = (*ENTERPRISES, 8072, 9999, 9999)
PLAYOUT, SWITCHER, SATELLITE, ENCODER, MULTIPLEXER, OFFAIR, TIME, TOWNSHIP = range(1, 9)
_BITRATE_KBPS = 8_000


def playout_server(station: Station, id_: str, t: int) -> Objects:
    """1 running, 2 output has a signal, 3 disk space left in percent."""
    channel = station.channels[station.layout.devices[id_].channel]
    content = channel.sources[id_].at(t)
    return {
        _at(PLAYOUT, 1): one_or_two(station.works[id_].at(t)),
        _at(PLAYOUT, 2): one_or_two(content.is_there),
        _at(PLAYOUT, 3): ("gauge32", 62),
    }


def switcher(station: Station, id_: str, t: int) -> Objects:
    """1 selected (1 main, 2 backup), 2 automatic (2 manual), 3 main there, 4 backup, 5 output."""
    channel = station.channels[station.layout.devices[id_].channel]
    main, *backups = (source.at(t).is_there for source in channel.sources.values())
    manual = station.history.during("on_backup", id_).at(t)
    return {
        _at(SWITCHER, 1): one_or_two(not channel.on_backup.at(t)),
        _at(SWITCHER, 2): one_or_two(not manual),
        _at(SWITCHER, 3): one_or_two(main),
        _at(SWITCHER, 4): one_or_two(any(backups)),
        _at(SWITCHER, 5): one_or_two(channel.output.at(t).is_there),
    }


def satellite_receiver(station: Station, id_: str, t: int) -> Objects:
    """1 locked, 2 carrier to noise in tenths of a dB, 3 picture there."""
    channel = station.channels[station.layout.devices[id_].channel]
    is_locked = not station.history.during("rain_fade", id_).at(t)
    return {
        _at(SATELLITE, 1): one_or_two(is_locked),
        _at(SATELLITE, 2): ("integer", 142 if is_locked else 21),
        _at(SATELLITE, 3): one_or_two(channel.sources[id_].at(t).is_there),
    }


def encoder(station: Station, id_: str, t: int) -> Objects:
    """1 encoding, 2 video at its input, 3 bit rate in kbit/s."""
    works = station.works[id_].at(t)
    channel = station.channels[station.layout.devices[id_].channel]
    return {
        _at(ENCODER, 1): one_or_two(works),
        _at(ENCODER, 2): one_or_two(channel.output.at(t).is_there),
        _at(ENCODER, 3): ("gauge32", _BITRATE_KBPS if works else 0),
    }


def multiplexer(station: Station, id_: str, t: int) -> Objects:
    """1 multiplexing, 2 bit rate in kbit/s, 10 + n: the n-th service is in it."""
    channels = _television(station)
    present = [station.in_multiplex(channel).at(t) for channel in channels]
    services = {_at(MULTIPLEXER, 11 + n): one_or_two(is_in) for n, is_in in enumerate(present)}
    return services | {
        _at(MULTIPLEXER, 1): one_or_two(station.works[id_].at(t)),
        _at(MULTIPLEXER, 2): ("gauge32", _BITRATE_KBPS * sum(present)),
    }


def offair_receiver(station: Station, id_: str, t: int) -> Objects:
    """1 locked, 2 level in tenths of dBuV, 3 MER in tenths of a dB, 4 reference channel locked.

    For the n-th service 10 * n + 1 present, + 2 sound, + 3 picture moves, + 4 picture not black.
    """
    receiver = station.receivers[id_]
    is_locked = receiver.is_locked.at(t)
    level = 612 if station.dtmb.carrier.at(t) and receiver.hears.at(t) else 187
    objects: Objects = {
        _at(OFFAIR, 1): one_or_two(is_locked),
        _at(OFFAIR, 2): ("integer", level),
        _at(OFFAIR, 3): ("integer", 331 if is_locked else 0),
        _at(OFFAIR, 4): one_or_two(receiver.reference_locked.at(t)),
    }
    for number, channel in enumerate(_television(station), start=1):
        said = station.said_of(id_, channel)
        objects[_at(OFFAIR, 10 * number + 1)] = one_or_two(said["present"].at(t))
        for place, name in enumerate(("silent", "frozen", "black"), start=2):
            objects[_at(OFFAIR, 10 * number + place)] = one_or_two(not said[name].at(t))
    return objects


def time_server(station: Station, id_: str, t: int) -> Objects:
    """1 locked to its satellites, 2 offset in nanoseconds."""
    return {
        _at(TIME, 1): one_or_two(station.works[id_].at(t)),
        _at(TIME, 2): ("integer", 35),
    }


def township_terminal(station: Station, id_: str, t: int) -> Objects:
    """1 state (1 standby, 2 broadcasting, 3 fault), 2 mains there, 3 volume in percent."""
    return {
        _at(TOWNSHIP, 1): ("integer", 1),
        _at(TOWNSHIP, 2): one_or_two(station.powered[id_].at(t)),
        _at(TOWNSHIP, 3): ("gauge32", 80),
    }


def _television(station: Station) -> list[str]:
    """Return the channels that go into the multiplex, in order."""
    encoded = {device.channel for device in station.layout.of_kind("encoder")}
    return [channel for channel in station.channels if channel in encoded]


def _at(kind: int, number: int) -> Oid:
    return (*PLAYPEN, kind, number, 0)
