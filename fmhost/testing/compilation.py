"""Let the databases of tests share the SQL that SQLAlchemy made of statements.

Each test has an engine of its own, and an engine keeps what it has compiled to itself: half of the
time of a first request. Databases of the same kind, on the same server, are spoken to alike.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import plugins
from sqlalchemy.engine import URL, CreateEnginePlugin, Dialect
from sqlalchemy.util import LRUCache

#: The name of the plugin, for ``create_engine(..., plugins=[...])``.
SHARED_COMPILATION = "fmhost_shared_compilation"

# SQLAlchemy's own limit is 500 statements an engine.
_compiled: LRUCache[Any, Any] = LRUCache(2000)

#: By the name of the class that they stand in for.
_classes: dict[str, type[Dialect]] = {}


class SharedCompilation(CreateEnginePlugin):
    """An engine that finds what others of its kind have compiled."""

    def update_url(self, url: URL) -> URL:
        """The URL as it is: nothing of it is meant for the plugin."""
        return url

    def engine_created(self, engine: Engine) -> None:
        """Have the dialect, by which compiled statements are told apart, equal others."""
        engine.dialect.__class__ = _alike(type(engine.dialect))
        engine.update_execution_options(compiled_cache=_compiled)


def _alike(dialect: type[Dialect]) -> type[Dialect]:
    """The class of dialects all of which are equal."""
    if dialect.__qualname__ in _classes:
        return _classes[dialect.__qualname__]
    known: dict[str, Any] = {}

    def initialize(self: Dialect, connection: Connection) -> None:
        """Take over what another one has asked the server."""
        if not known:
            before = dict(vars(self))
            dialect.initialize(self, connection)
            plain = (bool, int, str, tuple)
            known.update(
                (name, value)
                for name, value in vars(self).items()
                if isinstance(value, plain) and before.get(name) != value
            )
        vars(self).update(known)

    members: dict[str, Any] = {
        "initialize": initialize,
        "__eq__": lambda self, other: type(self) is type(other),
        "__hash__": lambda self: hash(type(self)),
        # Asked of the class itself, not of those that it inherits from.
        "supports_statement_cache": True,
    }
    return _classes.setdefault(dialect.__qualname__, type(dialect.__name__, (dialect,), members))


plugins.register(SHARED_COMPILATION, __name__, SharedCompilation.__name__)
