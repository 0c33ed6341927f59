import pytest
from fmhost.plugin import Conflict

from {{ cookiecutter.module_name }} import notes

API = "/api/v3_0/{{ cookiecutter.plugin_slug }}/notes"


@pytest.fixture
def member(log_in, tenant):
    """The headers of requests by a user of the account that has the sensors."""
    return log_in(tenant.member)


def test_a_note_is_written_and_read(client, tenant, member):
    note = {"sensor": tenant.power.id, "text": "Replaced the meter."}
    answer = client.post(API, json=note, headers=member)
    assert answer.status_code == 201, answer.text
    expected = {
        "sensor": tenant.power.id,
        "author": tenant.member.username,
        "text": "Replaced the meter.",
    }
    assert answer.get_json() == {**expected, "status": 201}
    assert client.get(API, headers=member).get_json() == [expected]
    page = client.get("/{{ cookiecutter.plugin_slug }}", headers=member).text
    assert "Replaced the meter." in page
    assert "<title>{{ cookiecutter.plugin_name }}" in page


def test_the_page_is_in_the_menu(client, member):
    page = client.get("/{{ cookiecutter.plugin_slug }}", headers=member).text
    assert 'href="/{{ cookiecutter.plugin_slug }}"' in page
    assert "No notes yet." in page


def test_the_notes_of_others_are_theirs(client, tenant, member, log_in):
    note = {"sensor": tenant.power.id, "text": "Replaced the meter."}
    client.post(API, json=note, headers=member)
    others = log_in(tenant.other_member)
    assert client.get(API, headers=others).get_json() == []
    assert client.post(API, json=note, headers=others).status_code == 403
    assert client.get(API).status_code == 401


def test_the_document_of_the_api_has_the_notes(client):
    paths = client.get("/api/v3_0/openapi.json").get_json()["paths"]
    assert paths[API]["get"]["summary"] == "List the notes on the sensors that you may read."
    assert set(paths[API]["post"]["responses"]) >= {"201", "403", "409", "422"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": "x"}, "sensor"),
        ({"sensor": "one", "text": "x"}, "sensor"),
        ({"sensor": 1, "text": ""}, "text"),
    ],
)
def test_a_malformed_note_is_refused_and_the_field_named(client, member, given, field):
    answer = client.post(API, json=given, headers=member)
    assert answer.status_code == 422
    assert list(answer.get_json()["message"]["json"]) == [field]


def test_a_sensor_can_have_so_many_notes(installation, tenant):
    with installation.database.transaction() as session:
        given = (session, tenant.power, tenant.member, "Looks fine.")
        notes.add(*given, at_most=1)
        with pytest.raises(Conflict, match="has 1 notes, and more are not allowed"):
            notes.add(*given, at_most=1)
