from __future__ import annotations

import pytest

from fmhost.app import create
from fmhost.testing.distributions import plugin
from fmhost.testing.web import token_headers

FINE = plugin("fine", 'manifest = Manifest(name="fine", roles={"gardener": "waters plants"})')
TORN = plugin("torn", 'manifest = Manifest(name="torn", plugin_api=">=9")')


@pytest.fixture
def plugins(site, open_installation, tenant):
    """The answer to the question which plugins there are, in the name of a user."""
    site.install(FINE, TORN)
    client = create(installation=open_installation()).test_client()

    def ask(user=None):
        headers = token_headers(client, user) if user else {}
        return client.get("/api/v3_0/plugins", headers=headers)

    return ask


def test_admins_see_every_plugin_and_why_one_is_not_active(plugins, tenant):
    for user in (tenant.admin, tenant.admin_reader):
        answer = plugins(user)
        assert answer.status_code == 200
        found = {each["name"]: each for each in answer.get_json()}
        assert found["fine"]["status"] == "active"
        assert found["fine"]["offers"]["roles"] == ["gardener"]
        assert found["torn"]["status"] == "failed"
        assert found["torn"]["cause"]
        assert found["torn"]["fix"]


def test_others_do_not(plugins, tenant):
    for user in (tenant.member, tenant.account_admin, tenant.consultant):
        answer = plugins(user)
        assert answer.status_code == 403
        assert "fine" not in answer.text
    assert plugins().status_code == 401
