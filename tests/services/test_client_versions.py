"""Who gets the older answers."""

from __future__ import annotations

import pytest

from fmhost.model import Asset
from fmhost.services.client_versions import legacy_responses
from fmhost.testing.web import settings_for_tests

CLIENT = "flexmeasures-client-version"
LAST = {"FLEXMEASURES_LEGACY_JOB_RESPONSES_MAX_INCOMPATIBLE_CLIENT_VERSION": {CLIENT: "0.9.0"}}


def assumed(version):
    return {"FLEXMEASURES_LEGACY_JOB_RESPONSES_ASSUME_THIS_CLIENT_VERSION": {CLIENT: version}}


def family(*versions):
    """An asset and those above it, each with its version of the client."""
    asset = None
    for version in reversed(versions):
        attributes = {} if version is None else {CLIENT: version}
        asset = Asset(name="part", attributes=attributes, parent_asset=asset)
    return asset


def settings(tmp_path, **overrides):
    return settings_for_tests(tmp_path, **{"FMHOST_LEGACY_JOB_RESPONSES": False, **overrides})


def test_everybody_gets_the_older_answers_until_the_host_says_otherwise(tmp_path):
    assert legacy_responses(settings_for_tests(tmp_path), family("99"))
    assert not legacy_responses(settings(tmp_path), family("0.1"))


@pytest.mark.parametrize(
    ("versions", "legacy"),
    [
        ([None], False),
        (["0.9.0"], True),
        (["0.8.12"], True),
        (["0.10"], False),
        (["0.9.1"], False),
        (["0.9.0rc1"], True),
        (["nonsense"], True),
        ([0.8], True),
        ([None, "0.8"], True),
        ([None, None, "0.8"], True),
        ([None, None, None, "0.8"], False),
        (["1.0", "0.8"], False),
    ],
)
def test_the_version_on_the_asset_or_two_levels_above_decides(tmp_path, versions, legacy):
    assert legacy_responses(settings(tmp_path, **LAST), family(*versions)) is legacy


@pytest.mark.parametrize(
    ("assumed_version", "version", "legacy"),
    [("0.8", None, True), ("1.0", None, False), ("0.8", "1.0", False), ("1.0", "0.8", True)],
)
def test_a_version_is_assumed_where_no_attribute_has_one(
    tmp_path, assumed_version, version, legacy
):
    known = settings(tmp_path, **LAST, **assumed(assumed_version))
    assert legacy_responses(known, family(version)) is legacy
