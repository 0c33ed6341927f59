"""The plugin as the host sees it."""

import logging

PLUGIN = "{{ cookiecutter.plugin_slug }}"
TOKEN = "{{ cookiecutter.__setting_prefix }}_TOKEN"
LIMIT = "{{ cookiecutter.__setting_prefix }}_NOTES_PER_SENSOR"


def test_the_plugin_is_active_and_healthy(installation):
    record = installation.host.plugins[PLUGIN]
    assert record.stage == "active", record.cause
    assert list(record.problems()) == []


def test_everything_that_the_manifest_names_can_be_imported(fmhost):
    result = fmhost("plugins", "check", FMHOST_PLUGINS_ALLOWED=f"{PLUGIN},ui")
    assert result.exit_code == 0, result.output


def test_settings_are_checked_and_the_token_is_never_shown(open_installation, fmhost):
    settings = open_installation(**{TOKEN: "pa55word", LIMIT: "5"}).settings
    assert settings[LIMIT] == 5
    assert "pa55word" not in str(settings.describe())
    result = fmhost("plugins", "check", FMHOST_PLUGINS_ALLOWED=f"{PLUGIN},ui", **{LIMIT: "none"})
    assert result.exit_code == 1
    assert f"The value of {LIMIT} is not a whole number of at least 1" in result.output


def test_a_missing_token_is_said_at_the_start(open_installation, caplog):
    with caplog.at_level(logging.WARNING):
        open_installation()
    assert f"{TOKEN} is not set." in caplog.messages
    caplog.clear()
    open_installation(**{TOKEN: "pa55word"})
    assert f"{TOKEN} is not set." not in caplog.messages


def test_the_command_lists_notes(fmhost, client, tenant, log_in, installation):
    database = installation.database.url.render_as_string(hide_password=False)
    command = (PLUGIN, "notes")
    assert fmhost(*command, SQLALCHEMY_DATABASE_URI=database).stdout == "There are no notes yet.\n"
    note = {"sensor": tenant.power.id, "text": "Replaced the meter."}
    client.post(f"/api/v3_0/{PLUGIN}/notes", json=note, headers=log_in(tenant.member))
    listed = fmhost(*command, SQLALCHEMY_DATABASE_URI=database)
    assert listed.stdout == f"sensor {tenant.power.id}: Replaced the meter. (member)\n"
