"""What all entities share: metadata with stable constraint names, and defaults from birth."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy import inspect as inspect_mapped
from sqlalchemy.orm import DeclarativeBase, Mapper

from fmhost.model.types import Duration, Timestamp

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

# An id is never given twice, not even after the newest row was deleted: audit logs and data sources
# keep the plain ids of what is gone. PostgreSQL's sequences do so anyway, SQLite must be told.
NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """Base of all entities.

    A new entity has its defaults at once, not only after it was flushed, so that a rule such as
    ``asset.get_attribute(...)`` holds from birth.
    """

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {datetime: Timestamp(), timedelta: Duration()}

    def __init__(self, **values: Any) -> None:
        mapper: Mapper[Any] = inspect_mapped(type(self))
        for name, column in mapper.columns.items():
            if name not in values and column.default is not None:
                values[name] = _fresh_default(column.default)
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no attribute {name!r}.")
            setattr(self, name, value)

    def __repr__(self) -> str:
        mapper: Mapper[Any] = inspect_mapped(type(self))
        shown = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
        if "name" in mapper.columns and "name" not in shown:
            shown.append("name")
        # Read from the instance dictionary: representing an expired entity must not emit SQL.
        parts = ", ".join(f"{key}={self.__dict__.get(key)!r}" for key in shown)
        return f"<{type(self).__name__} {parts}>"


def _fresh_default(default: Any) -> Any:
    return default.arg(None) if default.is_callable else default.arg
