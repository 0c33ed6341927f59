"""No operation issues a number of SQL statements that grows with what it answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmhost.api.openapi import describe

#: Questions by path of the document, in ways that differ; ids are filled in by the test.
QUESTIONS = {
    "/api/dev/sensor/{id}/chart_annotations": [{"include_sensor_annotations": True}],
    "/api/dev/sensor/{id}/chart_data": [{}, {"most_recent_beliefs_only": False}],
    "/api/v3_0/accounts": [{}, {"page": 1, "per_page": 100, "sort_by": "name", "filter": "c"}],
    "/api/v3_0/accounts/{id}": [{}],
    "/api/v3_0/accounts/{id}/auditlog": [{}, {"page": 1, "per_page": 100}],
    "/api/v3_0/api-keys": [{}],
    "/api/v3_0/assets": [
        {"account_id": "{account}"},
        {"all_accessible": True, "include_public": True},
        {"all_accessible": True, "page": 1, "per_page": 100, "filter": "a", "sort_by": "owner"},
        {"root": "{id}", "depth": 3},
    ],
    "/api/v3_0/assets/{id}": [{}],
    "/api/v3_0/assets/{id}/auditlog": [{"page": 1, "per_page": 100}],
    "/api/v3_0/assets/{id}/chart": [{}, {"include_data": True}],
    "/api/v3_0/assets/{id}/chart_annotations": [
        {"include_asset_annotations": True, "include_account_annotations": True}
    ],
    "/api/v3_0/assets/{id}/chart_data": [{}, {"compress_json": True}],
    "/api/v3_0/assets/{id}/automations": [{}],
    "/api/v3_0/assets/{id}/jobs": [{}],
    "/api/v3_0/assets/{id}/kpis": [{}],
    "/api/v3_0/assets/{id}/sensors": [{"per_page": 100}],
    "/api/v3_0/assets/public": [{}],
    "/api/v3_0/assets/types": [{}],
    "/api/v3_0/sensors": [
        {"include_public_assets": True, "include_consultancy_clients": True},
        {"account": "{account}", "page": 1, "per_page": 100, "filter": "c"},
    ],
    "/api/v3_0/sensors/{id}/stats": [{}],
    "/api/v3_0/sensors/{id}/status": [{}],
    "/api/v3_0/sources": [{}],
    "/api/v3_0/users": [{}, {"page": 1, "per_page": 100, "sort_by": "lastSeen"}],
    "/api/v3_0/users/{id}": [{}],
    "/api/v3_0/users/{id}/auditlog": [{"page": 1, "per_page": 100}],
}

#: Lists whose rows are no rows of the database, and how they are read.
OTHER_LISTS = {
    "/api/": "versions of the API",
    "/api/v3_0": "operations",
    "/api/v3_0/plugins": "what the host knows in memory",
    "/api/v3_0/jobs/{uuid}": "parts of the result in the row of one job",
    "/api/v3_0/sensors/data": "values of one series, as of the next",
    "/api/v3_0/sensors/{id}/data": "values of one series; see the tests of the belief store",
    "/api/v3_0/sensors/{id}/forecasts/{uuid}": "values of one series",
    "/api/v3_0/sensors/{id}/schedules/{uuid}": "values of one series",
    "/api/v3_0/sensors/{id}/forecasts/evaluations": "results in the rows of one query",
    "/api/v3_0/sensors/{id}/forecasts/evaluations/{uuid}": "parts of the result of one job",
}


def lists_in(schema, components, seen=()):
    """Whether a body has lists: of its schema, at any depth."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        return name not in seen and lists_in(components[name], components, (*seen, name))
    kinds = schema.get("type", ())
    if kinds == "array" or "array" in kinds:
        return True
    parts = [part for word in ("anyOf", "oneOf", "allOf") for part in schema.get(word, ())]
    parts += schema.get("properties", {}).values()
    return any(lists_in(part, components, seen) for part in parts)


def documented_lists(app):
    """The paths of which a GET is answered with a list, or with something that has one."""
    document = describe(app)
    for path, operations in document["paths"].items():
        bodies = [
            media["schema"]
            for status, answer in operations.get("get", {}).get("responses", {}).items()
            if status == "200"
            for media in answer.get("content", {}).values()
        ]
        if any(lists_in(body, document["components"]["schemas"]) for body in bodies):
            yield path


def size(body):
    """How many entries all lists and objects in a body have."""
    parts = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return len(parts) + sum(map(size, parts))


@pytest.fixture
def ask(client, log_in, tenant, statements, clock):
    """``ask()``: for each question, the number of statements and the size of the answer."""
    headers = log_in(tenant.admin)
    window = {
        "event_starts_after": (clock() - timedelta(days=1)).isoformat(),
        "event_ends_before": (clock() + timedelta(days=2)).isoformat(),
    }
    ids = {
        "/api/v3_0/accounts": tenant.account.id,
        "/api/v3_0/assets": tenant.battery.id,
        "/api/v3_0/users": tenant.member.id,
    }

    def answer(path, query):
        about = next((ids[part] for part in ids if path.startswith(part)), tenant.power.id)
        known = {"{id}": about, "{account}": tenant.account.id}
        filled = {
            name: known.get(value, value) if isinstance(value, str) else value
            for name, value in query.items()
        }
        if "chart" in path or path.endswith("kpis"):
            filled = {**window, "start": window["event_starts_after"], **filled}
            filled["end"] = window["event_ends_before"]
        with statements() as counted:
            found = client.get(path.format(id=about), query_string=filled, headers=headers)
        assert found.status_code == 200, (path, found.text)
        return counted.number, size(found.get_json())

    questions = [(path, query) for path, queries in QUESTIONS.items() for query in queries]

    def ask_all():
        for question in questions:
            answer(*question)  # what is prepared once, or remembered
        return {f"{path} {query}": answer(path, query) for path, query in questions}

    return ask_all


def test_every_list_is_asked_for(app):
    documented = set(documented_lists(app))
    assert {"/api/v3_0/assets", "/api/v3_0/sources"} <= documented
    assert documented - QUESTIONS.keys() - OTHER_LISTS.keys() == set()


def test_the_number_of_statements_does_not_grow_with_the_answer(ask, grow):
    grow(2)
    before = ask()
    grow(10)
    after = ask()
    grown = {
        question: f"{before[question][0]} statements, then {statements}"
        for question, (statements, _) in after.items()
        if statements != before[question][0]
    }
    assert grown == {}
    short = [question for question, (_, found) in after.items() if found < before[question][1] + 10]
    assert short == []
