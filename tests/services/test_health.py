from __future__ import annotations

from fmhost.host.health import HealthCheck
from fmhost.services.health import readiness
from fmhost.services.installation import Installation
from fmhost.testing.distributions import plugin
from fmhost.testing.hosting import site as site

ILL = plugin(
    "ill",
    'manifest = Manifest(name="ill", hooks="acme_ill.hooks")',
    {
        "hooks.py": """
            from fmhost.plugin import HealthCheck, hookimpl

            @hookimpl
            def fmhost_health():
                return [HealthCheck("weather", False, "The weather service does not answer.")]
            """
    },
)


def test_an_upgraded_database_is_ready(installation):
    found = readiness(installation)
    assert found.ready
    assert found.parts == {"database_sql": True}


def test_a_database_that_is_not_upgraded_is_not(empty_database, installation):
    found = readiness(Installation(installation.settings, installation.host, empty_database))
    assert not found.ready
    assert "fmhost db upgrade" in found.causes["database_sql"]


def test_what_others_found_counts(installation):
    assert not readiness(installation, [HealthCheck("queue", False, "gone")]).ready


def test_plugins_speak_for_themselves(site, open_installation):
    site.install(ILL)
    found = readiness(open_installation())
    assert found.parts == {"database_sql": True, "weather": False}
    assert found.causes == {"weather": "The weather service does not answer."}
