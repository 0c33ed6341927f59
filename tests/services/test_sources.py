"""Which data source is meant."""

from __future__ import annotations

from typing import Any

import pytest

from fmhost.errors import InvalidInput, NotFound
from fmhost.services import sources


def test_a_user_name_means_the_source_of_the_user(installation: Any, tenant: Any) -> None:
    with installation.database.transaction() as session:
        found = sources.source_meant(session, "member")
        assert (found.name, found.type, found.user_id) == ("member", "user", tenant.member.id)
        assert sources.source_meant(session, str(found.id)) is found


def test_an_unknown_name_becomes_a_script_once(installation: Any) -> None:
    with installation.database.transaction() as session:
        made = sources.source_meant(session, "my importer")
        assert made.type == "CLI script"
        assert sources.source_meant(session, "my importer") is made


def test_a_name_of_one_source_means_that(installation: Any) -> None:
    with installation.database.transaction() as session:
        market = sources.create_source(session, name="ENTSO-E", source_type="market")
        assert sources.source_meant(session, "ENTSO-E") is market
        sources.create_source(session, name="ENTSO-E", source_type="market", version="2")
        with pytest.raises(InvalidInput, match="Several data sources are named 'ENTSO-E'"):
            sources.source_meant(session, "ENTSO-E")
        assert len(sources.sources_meant(session, "ENTSO-E")) == 2


def test_ids_must_exist(installation: Any) -> None:
    with installation.database.transaction() as session:
        for find in (sources.source_meant, sources.sources_meant):
            with pytest.raises(NotFound, match="Failed to find source 99"):
                find(session, "99")
        with pytest.raises(NotFound, match="Failed to find source nobody"):
            sources.sources_meant(session, "nobody")


def test_texts_must_fit(installation: Any) -> None:
    with installation.database.transaction() as session:
        with pytest.raises(InvalidInput, match="at most 17"):
            sources.create_source(session, name="x", source_type="y", version="1" * 18)
        with pytest.raises(InvalidInput, match="The type is empty"):
            sources.create_source(session, name="x", source_type=" ")
