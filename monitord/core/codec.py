"""Canonical JSON, and dataclasses to plain values and back. Owns encoding; knows no noun."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from json.encoder import encode_basestring
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
_UNIONS = (Union, type(int | None))
_MAPPINGS = (dict, Mapping)


def canonical(body: object) -> bytes:
    """Return the stored bytes of a JSON-like value: sorted keys, no spaces, UTF-8, no NaN.

    Dataclasses inside it are written as objects.
    """
    return _ENCODER.encode(body).encode()


def flat_form(names: Iterable[str]) -> str:
    """Return the form that ``canonical_flat`` fills in. ``names``: plain words in order."""
    return "{" + ",".join(f'"{name}":%s' for name in names) + "}"


def canonical_flat(form: str, values: Iterable[object]) -> bytes | None:
    """Return the stored bytes of an object that has only integers, texts, truths and nulls.

    ``values``: in the order of the form's names. None where there is another value. Turns and
    losses of conditions are nearly all events of a mass fall: this takes an eighth of the time.
    """
    parts: list[object] = []
    for value in values:
        kind = type(value)
        if kind is int:
            parts.append(value)
        elif value is True:
            parts.append("true")
        elif value is False:
            parts.append("false")
        elif value is None:
            parts.append("null")
        elif kind is str:
            parts.append(encode_basestring(cast("str", value)))
        else:
            return None
    return (form % tuple(parts)).encode()


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


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=to_plain
)


def from_plain(shape: type[T], plain: Any) -> T:
    """Build ``shape`` (a dataclass or a named tuple) back from ``to_plain``'s result.

    Keys that the dataclass does not have are left out. Raises ``KeyError`` for a missing key whose
    field has no default.
    """
    built: T = _reader_of(cast("Any", shape))(plain)
    return built


@cache
def _reader_of(shape: Any) -> Callable[[Any], Any]:
    """Return the function that builds ``shape`` from plain values; compiled once a shape."""
    if isinstance(shape, type) and (is_dataclass(shape) or hasattr(shape, "_fields")):
        return _object_reader(shape)
    origin, arguments = get_origin(shape), get_args(shape)
    if origin in _UNIONS:
        inner = _reader_of(next(arg for arg in arguments if arg is not type(None)))
        return lambda plain: None if plain is None else inner(plain)
    if origin is tuple:
        return _tuple_reader(arguments)
    if origin is list:
        item = _reader_of(arguments[0])
        return lambda plain: [item(part) for part in plain]
    if origin in _MAPPINGS:
        value = _reader_of(arguments[1])
        return lambda plain: {key: value(part) for key, part in plain.items()}
    if isinstance(shape, type) and issubclass(shape, Enum):
        return shape
    return _as_is


def _as_is(plain: Any) -> Any:
    return plain


def names_of(shape: type) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass or of a named tuple, in order."""
    if is_dataclass(shape):
        return tuple(field.name for field in fields(shape))
    names: tuple[str, ...] = cast("Any", shape)._fields
    return names


def _object_reader(shape: Any) -> Callable[[Any], Any]:
    hints = _hints(shape)
    names = names_of(shape)
    optional = _names_with_default(shape)
    readers = {name: _reader_of(hints[name]) for name in names}
    changed = [(name, reader) for name, reader in readers.items() if reader is not _as_is]

    def read(plain: Mapping[str, Any]) -> Any:
        values = {name: plain[name] for name in names if name not in optional or name in plain}
        for name, reader in changed:
            if name in values:
                values[name] = reader(values[name])
        return shape(**values)

    return read


def _names_with_default(shape: Any) -> frozenset[str]:
    if is_dataclass(shape):
        return frozenset(field.name for field in fields(shape) if _has_default(field))
    return frozenset(shape._field_defaults)


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _tuple_reader(arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    if arguments[-1] is Ellipsis:
        item = _reader_of(arguments[0])
        return tuple if item is _as_is else lambda plain: tuple(map(item, plain))
    items = [_reader_of(argument) for argument in arguments]
    return lambda plain: tuple(item(part) for item, part in zip(items, plain, strict=True))


@cache
def _hints(shape: type) -> dict[str, Any]:
    return get_type_hints(shape)


def shape_hash(shape: type) -> str:
    """Return a digest of the names and types of a dataclass, nested ones included.

    A snapshot with another digest is not used: the state is folded from the events.
    """
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
