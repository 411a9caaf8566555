"""Canonical JSON, and the plain form of durable state. Owns encoding; knows no noun."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
_UNIONS = (Union, type(int | None))


def canonical(body: object) -> bytes:
    """Return the one byte string for a JSON-like value: sorted keys, no spaces, UTF-8."""
    return json.dumps(
        body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def to_plain(value: Any) -> Any:
    """Return dataclasses, enums and containers as JSON-like values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(shape: type[T], plain: Any) -> T:
    """Build ``shape`` (a dataclass) back from ``to_plain``'s result."""
    built: T = _build(shape, plain)
    return built


@cache
def _hints(shape: type) -> dict[str, Any]:
    return get_type_hints(shape)


def _build(shape: Any, plain: Any) -> Any:
    if is_dataclass(shape) and isinstance(shape, type):
        hints = _hints(shape)
        return shape(**{f.name: _build(hints[f.name], plain[f.name]) for f in fields(shape)})
    origin = get_origin(shape)
    if origin in _UNIONS:
        inner = next(arg for arg in get_args(shape) if arg is not type(None))
        return None if plain is None else _build(inner, plain)
    if origin is list:
        return [_build(get_args(shape)[0], item) for item in plain]
    if origin is tuple:
        return tuple(_build(arg, item) for arg, item in zip(get_args(shape), plain, strict=True))
    if origin is dict:
        return {key: _build(get_args(shape)[1], item) for key, item in plain.items()}
    if isinstance(shape, type) and issubclass(shape, Enum):
        return shape(plain)
    return plain


def shape_hash(shape: type) -> str:
    """Return a digest of a dataclass's whole shape; a snapshot of another shape is refolded."""
    return hashlib.sha256(_describe(shape).encode()).hexdigest()[:16]


def _describe(shape: Any) -> str:
    if is_dataclass(shape) and isinstance(shape, type):
        parts = (f"{f.name}:{_describe(_hints(shape)[f.name])}" for f in fields(shape))
        return f"{shape.__name__}({','.join(parts)})"
    arguments = get_args(shape)
    if arguments:
        name = getattr(get_origin(shape), "__name__", "union")
        return f"{name}[{','.join(_describe(argument) for argument in arguments)}]"
    if isinstance(shape, type) and issubclass(shape, Enum):
        return f"{shape.__name__}({','.join(str(member.value) for member in shape)})"
    return getattr(shape, "__name__", str(shape))
