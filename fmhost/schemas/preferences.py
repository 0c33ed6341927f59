"""How a user wants to see the pages about assets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

#: The pages about an asset, of which one can be the first to be seen.
ASSET_VIEWS: Final = ("Audit Log", "Context", "Graphs", "Properties", "Status")


class DefaultAssetViewSchema(Schema):
    """Which page about an asset comes first."""

    default_asset_view = fields.String(
        validate=validate.OneOf(ASSET_VIEWS),
        metadata={"description": "Required, unless use_as_default is false."},
    )
    use_as_default = fields.Boolean(
        load_default=True,
        metadata={"description": "With false, the system's default comes back."},
    )

    @validates_schema
    def _require_view(self, given: Mapping[str, Any], **_options: Any) -> None:
        if given["use_as_default"] and "default_asset_view" not in given:
            raise ValidationError("Missing data for required field.", "default_asset_view")


class LegendPositionSchema(Schema):
    """Where legends are."""

    keep_legends_below_graphs = fields.Boolean(required=True)


class PreferenceSavedSchema(Schema):
    """A preference that was saved."""

    message = fields.String()
