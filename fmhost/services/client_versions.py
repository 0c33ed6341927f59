"""Which form of answer a client of an asset can read: the older or the newer one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fmhost.model import Asset
from fmhost.model.sources import version_key
from fmhost.settings import Settings

#: How far above an asset its client may be named: parent and grandparent.
_ANCESTORS = 2


def legacy_responses(settings: Settings, asset: Asset) -> bool:
    """Whether requests about the asset get the older answers.

    The older ones are 200 where work is only accepted, 400 where its result is not there yet, and
    data that are saved before the answer leaves. They are the rule, unless
    ``FMHOST_LEGACY_JOB_RESPONSES`` is false: then they are for clients of at most the versions that
    ``FLEXMEASURES_LEGACY_JOB_RESPONSES_MAX_INCOMPATIBLE_CLIENT_VERSION`` names.

    A client's version stands in an attribute of the asset, its parent or its grandparent; where
    none of them has it, ``FLEXMEASURES_LEGACY_JOB_RESPONSES_ASSUME_THIS_CLIENT_VERSION`` counts.
    What cannot be read as a version is taken for an old one.
    """
    if settings["FMHOST_LEGACY_JOB_RESPONSES"]:
        return True
    last = settings["FLEXMEASURES_LEGACY_JOB_RESPONSES_MAX_INCOMPATIBLE_CLIENT_VERSION"]
    assumed = settings["FLEXMEASURES_LEGACY_JOB_RESPONSES_ASSUME_THIS_CLIENT_VERSION"]
    for client, incompatible in last.items():
        version = _attribute(asset, client, assumed.get(client))
        if version is not None and version_key(str(version)) <= version_key(incompatible):
            return True
    return False


def _attribute(asset: Asset, name: str, default: Any) -> Any:
    holders = (holder.attributes.get(name) for holder in _family(asset))
    return next((value for value in holders if value is not None), default)


def _family(asset: Asset) -> Iterator[Asset]:
    yield asset
    above = asset.parent_asset
    for _ in range(_ANCESTORS):
        if above is None:
            return
        yield above
        above = above.parent_asset
