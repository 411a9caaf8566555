"""Points whose values lean on other points of the same answer. Owns what they may lean on."""

from __future__ import annotations

from collections.abc import Mapping

from monitord.config.errors import Scope, nearest, shown
from monitord.config.points import Point
from monitord.devices.model import Decoding


def check_leaning(points: Mapping[str, Point | None], places: Mapping[str, Scope]) -> None:
    """Note points that lean on what is not there, is no number or label, or leans itself.

    ``points``: None where a point has mistakes of its own, which are told already.
    """
    decodings = {id_: point.source.decoding for id_, point in points.items() if point is not None}
    for id_, decoding in decodings.items():
        for _, name in decoding.times_ten_to:
            if name not in points or name in decodings:
                _check_exponent(name, decodings, places[id_].at("times_ten_to"))
        for name, label in decoding.only_if:
            if name not in points or name in decodings:
                _check_label(name, label, decodings, places[id_].at("only_if", name))


def _check_exponent(name: str, decodings: Mapping[str, Decoding], scope: Scope) -> None:
    decoding = decodings.get(name)
    if decoding is None:
        scope.unknown("point", name, decodings)
    elif decoding.kind != "number" or decoding.leans_on:
        scope.note(f"{name} is no number that is read alone")


def _check_label(name: str, label: str, decodings: Mapping[str, Decoding], scope: Scope) -> None:
    decoding = decodings.get(name)
    if decoding is None:
        scope.unknown("point", name, decodings)
        return
    labels = [known for _, known in decoding.labels]
    if decoding.kind != "enum" or decoding.leans_on:
        scope.note(f"{name} is no enum that is read alone")
    elif label not in labels:
        scope.note(f"{name} has no label {shown(label)}", "", nearest(label, labels))
