"""Charts of assets, and what they show.

A chart is a specification in the Vega-Lite grammar, which a page embeds with vega-embed. It is
JSON, and says so: a text from users must never be taken for a page.
"""

from __future__ import annotations

from typing import Any

from flask import jsonify

from fmhost.api.chart_answers import annotations_in, style_in, timezone_of, window_in
from fmhost.api.loaders import load_asset
from fmhost.api.operations import Answer, Resource
from fmhost.api.unit_of_work import current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import Permission
from fmhost.domain.vega_lite import ChartKind, chart, with_data
from fmhost.schemas.chart_records import dump_compressed, dump_records
from fmhost.schemas.charts import (
    SPECIFICATION,
    AssetRecordSchema,
    ChartAnnotationSchema,
    ChartAnnotationsQuery,
    ChartDataQuery,
    ChartQuery,
    CompressedSchema,
)
from fmhost.services.charted import charted, sources_in
from fmhost.services.shown import shown_by

charts = Resource("charts", __name__, url_prefix="/api/v3_0/assets")


@charts.operation(
    "GET", "/<id>/chart", schema=ChartQuery(), answer=SPECIFICATION, either_slash=True
)
def fetch_chart(id: str, given: dict[str, Any]) -> Answer:
    """Download an embeddable chart of what an asset shows.

    The answer is a specification in the Vega-Lite grammar, with a row for each entry of
    `sensors_to_show`, as far as the user may read what it names. With `include_data` its data
    come with it; else the page fills the data set `dataset_name` (default `asset_<id>`) with what
    `chart_data` gives, and `<dataset_name>_annotations` with what `chart_annotations` gives.
    """
    asset = load_asset(id, Permission.READ)
    session = current_session()
    shown = shown_by(session, requesting_user(), asset)
    window = window_in(given, timezone_of(asset, shown))
    style = style_in(given, window, dataset=f"asset_{asset.id}", kind=ChartKind.LINES)
    specification = chart(asset.name, shown.rows, style)
    if given["include_data"]:
        found = charted(
            session,
            shown.sensors,
            window,
            most_recent=given["most_recent_beliefs_only"],
            latest_versions=given["use_latest_version_per_event"],
        )
        parts = [(each.sensor, each.beliefs) for each in found]
        records = dump_records(
            parts, sources_in(session, [each for _, each in parts]), shown.factors
        )
        remarks = annotations_in(
            window,
            asset=asset if given.get("include_asset_annotations", True) else None,
            account=asset.account if given["include_account_annotations"] else None,
        )
        specification = with_data(specification, style.dataset, records, remarks)
    # Not by way of a mapping, to which the status would be added: the grammar does not know it.
    return jsonify(specification)


@charts.operation(
    "GET",
    "/<id>/chart_data",
    schema=ChartDataQuery(),
    answer=(AssetRecordSchema(many=True), CompressedSchema),
    either_slash=True,
)
def fetch_chart_data(id: str, given: dict[str, Any]) -> Answer:
    """Download the data for the chart of an asset, in case you have the chart already."""
    asset = load_asset(id, Permission.READ)
    session = current_session()
    shown = shown_by(session, requesting_user(), asset)
    found = charted(
        session,
        shown.sensors,
        window_in(given, timezone_of(asset, shown)),
        most_recent=given["most_recent_beliefs_only"],
        latest_versions=given["use_latest_version_per_event"],
    )
    dump = dump_compressed if given["compress_json"] else dump_records
    parts = [(each.sensor, each.beliefs) for each in found]
    return dump(parts, sources_in(session, [each for _, each in parts]), shown.factors)


@charts.operation(
    "GET",
    "/<id>/chart_annotations",
    schema=ChartAnnotationsQuery(),
    answer=ChartAnnotationSchema(many=True),
    either_slash=True,
)
def fetch_chart_annotations(id: str, given: dict[str, Any]) -> Answer:
    """Download the annotations of an asset for its chart.

    Those of its account come with `include_account_annotations`.
    """
    asset = load_asset(id, Permission.READ)
    session = current_session()
    zone = timezone_of(asset, shown_by(session, requesting_user(), asset))
    return annotations_in(
        window_in(given, zone),
        asset=asset if given.get("include_asset_annotations", True) else None,
        account=asset.account if given["include_account_annotations"] else None,
        clip=given["clip"],
    )
