"""Parameters of lists. Names are spelled with hyphens or underscores, and some with ``_id``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from fmhost.schemas.entities import AssetSchema
from fmhost.schemas.fields import LARGEST_ID, EntityId, JsonSchema

_ALIASES = {"account_id": "account", "asset_id": "asset"}

_TERM = re.compile(r'"([^"]*)"|(\S+)')

#: More than anybody means to type.
_MOST_TERMS = 50
_LONGEST_TERM = 500


class SearchTerms(fields.Field[tuple[str, ...]]):
    """What must occur: words, and phrases in quotes, separated by spaces."""

    json_schema: ClassVar[JsonSchema] = {"type": "string", "examples": ['solar "ACME corp"']}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        found = (phrase or word for phrase, word in _TERM.findall(str(value)))
        terms = tuple(term for term in found if term.strip('"'))
        if len(terms) > _MOST_TERMS:
            raise ValidationError(f"More than {_MOST_TERMS} search terms.")
        if any(len(term) > _LONGEST_TERM for term in terms):
            raise ValidationError(f"A search term has more than {_LONGEST_TERM} characters.")
        return terms


class Names(fields.Field[tuple[str, ...]]):
    """Several names, joined by ``|`` or by commas.

    :param among: the names that there are; empty where any will do.
    """

    json_schema: ClassVar[JsonSchema] = {"type": "string", "examples": ["id|name"]}

    def __init__(self, *, among: Sequence[str] = (), **options: Any) -> None:
        super().__init__(**options)
        self.among = among

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        names = (name.strip() for name in re.split(r"[|,]", str(value)))
        found = tuple(dict.fromkeys(name for name in names if name))
        if len(found) > _MOST_TERMS:
            raise ValidationError(f"More than {_MOST_TERMS} names.")
        unknown = [name for name in found if self.among and name not in self.among]
        if unknown:
            raise ValidationError(f"Unknown: {unknown[0]}. Known: {', '.join(self.among)}.")
        return found


class ListSchema(Schema):
    """What the queries for lists have in common: other parameters are ignored."""

    class Meta:
        """Queries ignore what they do not know."""

        unknown = EXCLUDE

    @pre_load
    def _spell(self, given: Mapping[str, Any], **_options: Any) -> dict[str, Any]:
        spelled: dict[str, Any] = {}
        for name, value in given.items():
            name = name.replace("-", "_")
            spelled[_ALIASES.get(name, name)] = value
        return spelled


class PagedQuery(ListSchema):
    """Which page of a list; without `page`, the whole list comes as it is."""

    page = fields.Integer(validate=validate.Range(min=1, max=LARGEST_ID))
    per_page = fields.Integer(load_default=10, validate=validate.Range(min=1, max=LARGEST_ID))
    filter = SearchTerms(load_default=())
    sort_dir = fields.String(load_default="asc", validate=validate.OneOf(["asc", "desc"]))


class AssetsQuery(PagedQuery):
    """Which assets to list."""

    account = EntityId("account")
    all_accessible = fields.Boolean(load_default=False)
    include_public = fields.Boolean(load_default=False)
    root = EntityId("asset")
    depth = fields.Integer(validate=validate.Range(min=0))
    asset_type = Names(load_default=())
    fields_ = Names(among=tuple(AssetSchema().fields), data_key="fields", load_default=())
    sort_by = fields.String(validate=validate.OneOf(["id", "name", "owner"]))


class SensorsOfAssetQuery(PagedQuery):
    """Which sensors of an asset to list; there is always a page."""

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=LARGEST_ID))
    sort_by = fields.String(validate=validate.OneOf(["id", "name", "resolution"]))


class SensorsQuery(PagedQuery):
    """Which sensors to list."""

    account = EntityId("account")
    asset = EntityId("asset")
    include_consultancy_clients = fields.Boolean(load_default=False)
    include_public_assets = fields.Boolean(load_default=False)
    unit = fields.String()
    sort_by = fields.String(validate=validate.OneOf(["id", "name", "resolution"]))
