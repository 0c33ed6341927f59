"""What an asset says in JSON, checked as a whole before it is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from fmhost.domain import graphs
from fmhost.domain.json_values import require_storable
from fmhost.errors import InvalidInput
from fmhost.model import Asset, AssetType, User
from fmhost.model.seeds import ASSET_TYPES
from fmhost.services import checks, driver_attributes, flex_config
from fmhost.services.installation import Installation
from fmhost.services.references import Found, Mention, look_up, mentions, mentions_in_attributes

#: The fields of an asset that are JSON, and what each is while nobody has said anything.
EMPTY: Mapping[str, Any] = {
    "attributes": {},
    "flex_context": {},
    "flex_model": {},
    graphs.SENSORS_TO_SHOW: [],
    graphs.KPIS: [],
}

_FLEX = ("flex_context", "flex_model")


def checked(
    installation: Installation,
    session: Session,
    given: Mapping[str, Any],
    *,
    asset_type: AssetType,
    parent: Asset | None,
    before: Asset | None = None,
    actor: User | None = None,
) -> dict[str, Any]:
    """The JSON fields of an asset in the form in which they are stored.

    :param given: those of :data:`EMPTY` that are to be stored.
    :param before: the asset as it is stored, if it is.
    :param actor: on whose behalf; sensors and assets are named only if this user may read them.
    :raises InvalidInput: naming the field.
    """
    stored = {field: getattr(before, field) if before else empty for field, empty in EMPTY.items()}
    wanted = {field: _formed(field, value) for field, value in given.items()}
    attributes = wanted.get("attributes", stored["attributes"])
    driver_attributes.check(installation, attributes, stored["attributes"])
    new, old = _mentions(wanted, stored)
    found = look_up(session, actor, new, old)
    strict = asset_type.name in ASSET_TYPES and not _names_scheduler(attributes, parent)
    for field in _FLEX:
        if field in wanted:
            model = field == "flex_model"
            flex_config.check(wanted[field], stored[field], found, model=model, strict=strict)
    if graphs.KPIS in wanted:
        _check_kpis(wanted[graphs.KPIS], found)
    return wanted


def checked_attributes(
    installation: Installation,
    session: Session,
    given: Any,
    before: Mapping[str, Any],
    *,
    actor: User | None = None,
) -> dict[str, Any]:
    """The attributes of a sensor or asset in the form in which they are stored.

    :param before: those that are stored.
    :raises InvalidInput: naming the attribute.
    """
    attributes: dict[str, Any] = _formed("attributes", given)
    driver_attributes.check(installation, attributes, before)
    changed = flex_config.changed(attributes, before)
    look_up(session, actor, list(mentions_in_attributes(changed)))
    return attributes


def _formed(field: str, value: Any) -> Any:
    """The value of a field if it has the form of one; None is an empty one."""
    if value is None:
        return type(EMPTY[field])()
    require_storable(value, field)
    if field == graphs.SENSORS_TO_SHOW:
        return graphs.checked_rows(value)
    if field == graphs.KPIS:
        return graphs.checked_kpis(value)
    return dict(checks.json_object(value, field))


def _mentions(
    wanted: Mapping[str, Any], stored: Mapping[str, Any]
) -> tuple[list[Mention], list[Mention]]:
    """The sensors and assets that the new values name, and those that stay named."""
    new = list(_new_mentions(wanted, stored))
    paths = {mention.path for mention in new}
    flex = wanted.get("flex_context", {})
    old = [mention for mention in mentions(flex, "") if mention.path not in paths]
    return new, old


def _new_mentions(wanted: Mapping[str, Any], stored: Mapping[str, Any]) -> Iterator[Mention]:
    for field, value in wanted.items():
        if field == "attributes":
            yield from mentions_in_attributes(flex_config.changed(value, stored[field]))
        elif field in _FLEX:
            yield from mentions(flex_config.changed(value, stored[field]), "")
        else:
            rows = [row for row in value if row not in stored[field]]
            for mention in mentions(rows, field, show=True):
                yield Mention(mention.kind, mention.id, field)


def _names_scheduler(attributes: Mapping[str, Any], parent: Asset | None) -> bool:
    """Whether a scheduler is named that may have fields of its own."""
    attribute = driver_attributes.attribute_of("scheduler")
    above = (parent, *parent.ancestors) if parent is not None else ()
    return attributes.get(attribute) is not None or any(
        asset.attributes.get(attribute) is not None for asset in above
    )


def _check_kpis(figures: list[Any], found: Found) -> None:
    for number, figure in enumerate(figures):
        sensor = found.sensors.get(figure["sensor"])
        if sensor is not None and sensor.event_resolution != timedelta(days=1):
            raise InvalidInput(
                f"Sensor {sensor.id} has a resolution of {sensor.event_resolution}, and key "
                "figures come from sensors with a resolution of one day (P1D).",
                field=f"{graphs.KPIS}.{number}.sensor",
            )
