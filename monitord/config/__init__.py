"""Configuration: YAML to frozen, checked ``Settings``. Owns every check and error text.

Touches no network, no clock and no record; given a wall time it expands schedules. In the order in
which they build on each other: ``texts``, ``loader``, ``fields``, ``schemas``, ``expressions``,
``frames``, ``devices``, ``profiles``, ``device``, ``programmes``, ``people``, ``load``.
"""

from monitord.config.explain import explain
from monitord.config.load import load
from monitord.config.loader.errors import ConfigError, ConfigErrors

__all__ = ["ConfigError", "ConfigErrors", "explain", "load"]
