"""Key performance indicators of an asset."""

from __future__ import annotations

from typing import Any

from fmhost.api.loaders import load_asset
from fmhost.api.operations import Answer, Resource
from fmhost.api.unit_of_work import current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.schemas.kpis import KeyFigureSchema, KeyFiguresQuery, KeyFiguresSchema
from fmhost.services.kpis import key_figures

kpis = Resource("kpis", __name__, url_prefix="/api/v3_0/assets")


@kpis.operation("GET", "/<id>/kpis", schema=KeyFiguresQuery(), answer=KeyFiguresSchema)
def fetch_key_figures(id: str, given: dict[str, Any]) -> Answer:
    """Fetch the key figures that an asset defines, for the days that begin within a window.

    They come from the sensors in `sensors_to_show_as_kpis`, as far as the user may read these: of
    each sensor the sum, minimum, maximum or mean of its daily values; 0 where there are none.
    """
    asset = load_asset(id, Permission.READ)
    figures = key_figures(current_session(), requesting_user(), asset, **given)
    return {"data": KeyFigureSchema(many=True).dump(figures)}
