"""Notes on sensors, kept in a table of the plugin's own; see ``migrations/``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fmhost.plugin import Conflict, Sensor, User
from sqlalchemy import Integer, String, column, func, insert, select, table
from sqlalchemy.orm import Session

notes = table(
    "{{ cookiecutter.module_name }}_note",
    column("id", Integer),
    column("sensor_id", Integer),
    column("author", String),
    column("text", String),
)


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about a sensor."""

    sensor_id: int
    author: str
    text: str


def add(session: Session, sensor: Sensor, author: User, text: str, *, at_most: int) -> Note:
    """Write a note on a sensor.

    :param at_most: how many notes a sensor can have.
    :raises Conflict: where it has so many already.
    """
    count = select(func.count()).select_from(notes).where(notes.c.sensor_id == sensor.id)
    if session.scalars(count).one() >= at_most:
        raise Conflict(f"Sensor {sensor.id} has {at_most} notes, and more are not allowed.")
    note = Note(sensor.id, author.username, text)
    session.execute(
        insert(notes).values(sensor_id=note.sensor_id, author=note.author, text=note.text)
    )
    return note


def on_sensors(session: Session, sensor_ids: Collection[int] | None = None) -> Sequence[Note]:
    """The notes on these sensors, or on all, in the order in which they were written."""
    query = select(notes.c.sensor_id, notes.c.author, notes.c.text).order_by(notes.c.id)
    if sensor_ids is not None:
        query = query.where(notes.c.sensor_id.in_(sensor_ids))
    return [Note(*row) for row in session.execute(query)]
