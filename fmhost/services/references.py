"""What assets say about sensors and other assets: found, checked, and forgotten when these go."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session, joinedload

from fmhost.auth.policy import Permission, allowed
from fmhost.errors import InvalidInput
from fmhost.model import Asset, Sensor, User
from fmhost.services import audit
from fmhost.services.installation import Installation

#: Fields of an asset that refer to sensors and assets.
FIELDS = ("flex_context", "flex_model", "sensors_to_show", "sensors_to_show_as_kpis")

#: Fields of flex-context, flex-model and attributes whose bare number, or list of numbers, means
#: sensors.
_BARE_SENSOR_FIELDS = frozenset(
    {
        "consumption-price-sensor",
        "production-price-sensor",
        "inflexible-device-sensors",
        "regressors",
        "future-regressors",
        "past-regressors",
    }
)

#: Attributes of old with ids of sensors.
_OLD_ATTRIBUTES = frozenset({"market_id", "sensors_to_show"})

#: More than anybody means to say in one message.
MOST_REFERENCES = 1000

_LARGEST_ID = 2**31 - 1

#: What :func:`without` leaves of a value that is only about what goes.
GONE = object()


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a JSON value that names a sensor or an asset.

    :param kind: ``"sensor"`` or ``"asset"``.
    :param path: where it stands; numbers of list elements are parts of it.
    """

    kind: str
    id: int
    path: str


@dataclass(frozen=True, slots=True)
class Found:
    """The sensors and assets that a JSON value names, by id."""

    sensors: Mapping[int, Sensor]
    assets: Mapping[int, Asset]


def look_up(
    session: Session,
    actor: User | None,
    mentions: Collection[Mention],
    stored: Collection[Mention] = (),
) -> Found:
    """The sensors and assets that are mentioned, in at most two statements.

    What `actor` may not read is reported like what does not exist, so that ids of other tenants do
    not leak.

    :param actor: None for the operator of the installation, who may read everything.
    :param stored: mentions that are stored already: found if they exist, whoever may read them.
    :raises InvalidInput: naming the place of the first that does not exist or may not be read.
    """
    if len(mentions) > MOST_REFERENCES:
        first = next(iter(mentions))
        raise InvalidInput(
            f"More than {MOST_REFERENCES} sensors and assets are named.", field=first.path
        )
    found = find(session, (*mentions, *stored))
    for mention in mentions:
        entity: Sensor | Asset | None = (
            found.sensors.get(mention.id)
            if mention.kind == "sensor"
            else found.assets.get(mention.id)
        )
        if entity is None or (actor is not None and not allowed(actor, entity, Permission.READ)):
            raise InvalidInput(f"No {mention.kind} found with ID {mention.id}.", field=mention.path)
    return found


def find(session: Session, mentions: Iterable[Mention]) -> Found:
    """Those that are mentioned and exist, whoever may read them; in at most two statements."""
    wanted: dict[str, set[int]] = {"sensor": set(), "asset": set()}
    for mention in mentions:
        if 0 < mention.id <= _LARGEST_ID:
            wanted[mention.kind].add(mention.id)
    return Found(
        {each.id: each for each in _sensors(session, wanted["sensor"])},
        {each.id: each for each in _assets(session, wanted["asset"])},
    )


def _sensors(session: Session, ids: Collection[int]) -> Collection[Sensor]:
    if not ids:
        return ()
    owner = joinedload(Sensor.generic_asset).joinedload(Asset.account)
    return session.scalars(select(Sensor).where(Sensor.id.in_(ids)).options(owner)).all()


def _assets(session: Session, ids: Collection[int]) -> Collection[Asset]:
    if not ids:
        return ()
    query = select(Asset).where(Asset.id.in_(ids)).options(joinedload(Asset.account))
    return session.scalars(query).all()


def mentions(value: Any, path: str, *, show: bool = False) -> Iterator[Mention]:
    """Every sensor and asset that a JSON value names.

    :param path: where the value stands.
    :param show: whether bare numbers are sensors, as in the lists of what to show.
    """
    yield from _mentions(value, path, path.rpartition(".")[2], show=show)


def mentions_in_attributes(attributes: Mapping[str, Any]) -> Iterator[Mention]:
    """Every sensor and asset that attributes of a sensor or asset name."""
    for name, value in attributes.items():
        yield from mentions(value, f"attributes.{name}", show=shows_sensors(name))


def shows_sensors(attribute: str) -> bool:
    """Whether bare numbers in an attribute of this name are sensors."""
    return means_sensors(attribute) or attribute in _OLD_ATTRIBUTES


def _mentions(value: Any, path: str, key: str, *, show: bool) -> Iterator[Mention]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            below = f"{path}.{name}" if path else str(name)
            if name in ("sensor", "asset") and is_id(part):
                yield Mention(name, part, below)
            else:
                yield from _mentions(part, below, str(name), show=show and name in SHOWN)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _mentions(part, f"{path}.{number}" if path else str(number), key, show=show)
    elif is_id(value) and (show or means_sensors(key)):
        yield Mention("sensor", value, path)


#: Keys of a graph below which there are sensors; below others, numbers are limits of an axis.
SHOWN = frozenset({"sensor", "sensors", "plots"})


def is_id(value: Any) -> bool:
    """Whether a JSON value can be an id: true and false are numbers in Python, too."""
    return isinstance(value, int) and not isinstance(value, bool)


def prune(
    installation: Installation,
    session: Session,
    *,
    sensor_ids: Collection[int],
    asset_ids: Collection[int] = (),
    actor: User | None = None,
) -> None:
    """Take sensors and assets that are about to be deleted out of all other assets.

    What would be left empty by that goes too. One audit record is written per changed field.

    :param asset_ids: assets that go; they are not changed themselves.
    """
    says_something = or_(
        *(cast(getattr(Asset, field), String).not_in(("{}", "[]")) for field in FIELDS)
    )
    others = select(Asset).where(says_something)
    events = []
    for asset in session.scalars(others):
        if asset.id in asset_ids:
            continue
        for field in FIELDS:
            before = getattr(asset, field)
            after = without(before, None, sensor_ids, asset_ids, show=field.startswith("sensors"))
            after = type(before)() if after is GONE else after
            if after != before:
                events.append((asset.id, audit.asset_field_changed(field, before, after)))
                setattr(asset, field, after)
    audit.record_for_assets(installation, session, events, actor=actor)


def without(
    value: Any,
    key: str | None,
    sensor_ids: Collection[int],
    asset_ids: Collection[int],
    *,
    show: bool,
) -> Any:
    """`value` without references to what goes; :data:`GONE` where nothing is left of it.

    :param key: the name of the field that holds `value`.
    :param show: whether bare numbers are sensors, as in the lists of what to show.
    """
    if isinstance(value, dict):
        if _names(value, "sensor", sensor_ids) or _names(value, "asset", asset_ids):
            return GONE
        kept = {
            name: without(part, name, sensor_ids, asset_ids, show=show and name in SHOWN)
            for name, part in value.items()
        }
        left = {name: part for name, part in kept.items() if part is not GONE}
        shown = not show or not value.keys() & SHOWN or left.keys() & SHOWN
        return left if (left or not value) and shown else GONE
    if isinstance(value, list):
        parts = [without(part, key, sensor_ids, asset_ids, show=show) for part in value]
        kept_parts = [part for part in parts if part is not GONE]
        return kept_parts if kept_parts or not value else GONE
    means_sensor = show or means_sensors(key or "")
    return GONE if means_sensor and is_id(value) and value in sensor_ids else value


def means_sensors(key: str) -> bool:
    """Whether a bare number below this key is the id of a sensor."""
    return key == "sensors" or key.replace("_", "-") in _BARE_SENSOR_FIELDS


def _names(value: Mapping[str, Any], key: str, ids: Collection[int]) -> bool:
    """Whether the object refers to one of these ids; whatever else stands there is no id."""
    return is_id(value.get(key)) and value[key] in ids
