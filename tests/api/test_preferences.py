from __future__ import annotations

import pytest

VIEW = "/assets/default_asset_view"
LEGENDS = "/assets/keep_legends_below_graphs"


@pytest.fixture
def preferred(client):
    """What the session of the browser knows."""

    def read():
        with client.session_transaction() as session:
            return {
                name: session[name]
                for name in ("default_asset_view", "keep_legends_below_graphs")
                if name in session
            }

    return read


@pytest.mark.parametrize("view", ["Audit Log", "Context", "Graphs", "Properties", "Status"])
def test_a_view_becomes_the_first_one_and_is_forgotten(member, preferred, view):
    answer = member.post(VIEW, {"default_asset_view": view})
    assert answer.status_code == 200
    assert answer.get_json() == {
        "message": "Default asset view updated successfully.",
        "status": 200,
    }
    assert preferred() == {"default_asset_view": view}
    assert member.post(VIEW, {"use_as_default": False}).status_code == 200
    assert preferred() == {}
    assert member.post(VIEW, {"use_as_default": False}).status_code == 200


@pytest.mark.parametrize("below", [True, False])
def test_legends_stay_below_graphs_or_not(member, preferred, below):
    answer = member.post(LEGENDS, {"keep_legends_below_graphs": below})
    assert answer.status_code == 200
    assert answer.get_json() == {
        "message": "Legend position preference updated successfully.",
        "status": 200,
    }
    assert preferred() == {"keep_legends_below_graphs": below}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (VIEW, {}, "default_asset_view"),
        (VIEW, {"default_asset_view": "Secrets"}, "default_asset_view"),
        (VIEW, {"default_asset_view": "Graphs", "use_as_default": "maybe"}, "use_as_default"),
        (VIEW, {"default_asset_view": "Graphs", "other": 1}, "other"),
        (LEGENDS, {}, "keep_legends_below_graphs"),
        (LEGENDS, {"keep_legends_below_graphs": None}, "keep_legends_below_graphs"),
    ],
)
def test_preferences_that_there_are_not(member, preferred, path, body, field):
    answer = member.post(path, body)
    assert answer.status_code == 422
    assert list(answer.get_json()["message"]["json"]) == [field]
    assert preferred() == {}


@pytest.mark.parametrize(
    ("path", "body"),
    [(VIEW, {"default_asset_view": "Graphs"}), (LEGENDS, {"keep_legends_below_graphs": True})],
)
def test_preferences_are_those_of_somebody(nobody, preferred, path, body):
    assert nobody.post(path, body).status_code == 401
    assert preferred() == {}
