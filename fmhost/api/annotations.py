"""Annotations of accounts, assets and sensors.

Each kind has two paths: below what is annotated, and the earlier one below ``/annotations``.
"""

# No import of annotations from __future__: the name is that of the resource.
from collections.abc import Callable
from typing import Any

from fmhost.api.loaders import load_account_of_path, load_asset, load_sensor
from fmhost.api.operations import Answer, Resource, View
from fmhost.api.unit_of_work import current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.model import Account, Asset, Sensor
from fmhost.schemas.annotations import AnnotationCreationSchema, AnnotationSchema
from fmhost.services.annotations import Remark, annotate

annotations = Resource("annotations", __name__, url_prefix="/api/v3_0")


#: Where annotations of an asset, and of a sensor, are shown.
_SHOWN_BY = ("charts.fetch_chart_annotations", "development.fetch_sensor_chart_annotations")


def _creation(path: str) -> Callable[[View], View]:
    return annotations.operation(
        "POST",
        path,
        schema=AnnotationCreationSchema(),
        answers={200: AnnotationSchema, 201: AnnotationSchema},
        scope="write-data",
        leads_to=_SHOWN_BY,
    )


@_creation("/accounts/<id>/annotations")
def annotate_account(id: str, given: dict[str, Any]) -> Answer:
    """Annotate an account.

    201 where the annotation is new; 200 where an equal one of the same user existed.
    """
    return _annotate(load_account_of_path(id, Permission.CREATE_CHILDREN), given)


@_creation("/assets/<id>/annotations")
def annotate_asset(id: str, given: dict[str, Any]) -> Answer:
    """Annotate an asset.

    201 where the annotation is new; 200 where an equal one of the same user existed.
    """
    return _annotate(load_asset(id, Permission.CREATE_CHILDREN), given)


@_creation("/sensors/<id>/annotations")
def annotate_sensor(id: str, given: dict[str, Any]) -> Answer:
    """Annotate a sensor.

    201 where the annotation is new; 200 where an equal one of the same user existed.
    """
    return _annotate(load_sensor(id, Permission.CREATE_CHILDREN), given)


@_creation("/annotations/accounts/<id>")
def annotate_account_by_earlier_path(id: str, given: dict[str, Any]) -> Answer:
    """Annotate an account, by the earlier path."""
    return annotate_account(id, given)


@_creation("/annotations/assets/<id>")
def annotate_asset_by_earlier_path(id: str, given: dict[str, Any]) -> Answer:
    """Annotate an asset, by the earlier path."""
    return annotate_asset(id, given)


@_creation("/annotations/sensors/<id>")
def annotate_sensor_by_earlier_path(id: str, given: dict[str, Any]) -> Answer:
    """Annotate a sensor, by the earlier path."""
    return annotate_sensor(id, given)


def _annotate(entity: Account | Asset | Sensor, given: dict[str, Any]) -> Answer:
    remark = Remark(
        content=given["content"],
        start=given["start"],
        end=given["end"],
        type=given["type"],
        belief_time=given["prior"],
    )
    annotation, is_new = annotate(current_session(), entity, remark, requesting_user())
    return AnnotationSchema().dump(annotation), 201 if is_new else 200
