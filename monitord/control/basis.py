"""What a decision rests on, read from a request over the control socket. Owns these keys."""

from __future__ import annotations

from typing import TypeGuard

from monitord.control.model import Json
from monitord.core.decision_bodies import Basis


def basis_of(request: Json) -> Basis | None:
    """Return the basis of a decision: empty where the request says nothing, None for other types.

    Texts ``on_behalf_of``, ``paper`` and ``seen``; ``effective``: wall time from and to, in
    microseconds since 1970, to may be null.
    """
    texts = [request.get(key, "") for key in ("on_behalf_of", "paper", "seen")]
    effective = request.get("effective")
    if not all(isinstance(text, str) for text in texts):
        return None
    if effective is not None and not _is_span(effective):
        return None
    on_behalf_of, paper, seen = texts
    span = None if effective is None else (effective[0], effective[1])
    return Basis(on_behalf_of, paper, span, seen)


def _is_span(given: object) -> TypeGuard[list[int]]:
    if not isinstance(given, list) or len(given) != 2:
        return False
    begin, end = given
    return type(begin) is int and (end is None or type(end) is int)
