"""The editors of flex-models and flex-contexts: their fields, what is stored, what is inherited."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from fmhost.plugin import Asset, FmhostError, Sensor, units, web
from fmhost_ui.flex_fields import FlexField, fields_of
from fmhost_ui.forms import Form, pretty

Part = Literal["flex_model", "flex_context"]

_TITLES: Final[Mapping[Part, str]] = {"flex_model": "Flex-model", "flex_context": "Flex-context"}
_LEADS: Final[Mapping[Part, str]] = {
    "flex_model": "What the device can do.",
    "flex_context": "What surrounds the devices: prices, the grid connection, other devices.",
}
#: Notations of what holds for one schedule; what is stored holds for every one.
_OF_THE_MOMENT: Final = ("series",)


@dataclass(frozen=True, slots=True)
class Inherited:
    """A value of an asset above, which counts unless the asset has one of its own.

    :param is_replaced: whether it has.
    """

    name: str
    value: Any
    holder: Asset
    is_replaced: bool

    @property
    def text(self) -> str:
        """The value as people write it."""
        return self.value if isinstance(self.value, str) else json.dumps(self.value)


@dataclass(frozen=True, slots=True)
class Editor:
    """What the form for one part of an asset needs.

    :param fields: what can be set, as scripts read it; empty where no scheduler says it, for
        `trouble`.
    :param form: has the JSON as a text.
    """

    part: Part
    scheduler: str
    fields: Sequence[Mapping[str, Any]]
    form: Form
    inherited: Sequence[Inherited] = field(default=())
    trouble: str = ""

    @property
    def title(self) -> str:
        """The name of the part."""
        return _TITLES[self.part]

    @property
    def lead(self) -> str:
        """What the part says."""
        return _LEADS[self.part]


def editors_of(asset: Asset, shown: Form | None = None, part: str = "") -> list[Editor]:
    """The editors of both parts.

    :param shown: what was entered for `part`, instead of what is stored.
    """
    name, schemas, trouble = _described(asset)
    made = []
    for each in _TITLES:
        schema = schemas.get(each.replace("_", "-"), {})
        stored = Form({each: pretty(getattr(asset, each))})
        made.append(
            Editor(
                part=each,
                scheduler=name,
                fields=[
                    _offered(one).as_dict() for one in sorted(fields_of(schema), key=_is_older)
                ],
                form=shown if shown is not None and part == each else stored,
                inherited=_inherited(asset) if each == "flex_context" else (),
                trouble=trouble,
            )
        )
    return made


def _described(asset: Asset) -> tuple[str, Mapping[str, Any], str]:
    """The scheduler of an asset, or else of its power sensors; its schemas; why there is none."""
    trouble = ""
    targets: list[Asset | Sensor] = [asset, *power_sensors(asset)]
    for target in targets:
        try:
            return (*web.schemas_of_scheduler(target), "")
        except FmhostError as error:
            trouble = trouble or str(error)
    return "", {}, trouble


def power_sensors(asset: Asset) -> list[Sensor]:
    """The sensors of an asset that can take a schedule."""
    return [
        each
        for each in asset.sensors
        if each.event_resolution and units.convertible(each.unit, "MW")
    ]


def _offered(each: FlexField) -> FlexField:
    kept = [one for one in each.notations if one not in _OF_THE_MOMENT] or ["json"]
    return FlexField(each.name, each.description, kept, each.example, each.choices)


def _is_older(each: FlexField) -> bool:
    """Whether a field has sensors by their bare ids, as in the older notation."""
    return set(each.notations) <= {"id", "ids"}


def _inherited(asset: Asset) -> list[Inherited]:
    """The fields of the flex-contexts above, each from the nearest asset that has it."""
    own = {_spelled(name) for name in asset.flex_context}
    found: dict[str, Inherited] = {}
    for above in asset.ancestors:
        if not web.allows(above, "read"):
            continue
        for name, value in above.flex_context.items():
            name = _spelled(name)
            found.setdefault(name, Inherited(name, value, above, name in own))
    return [found[name] for name in sorted(found)]


def _spelled(name: str) -> str:
    return name.replace("_", "-")
