"""Annotations of accounts, assets and sensors."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from fmhost.model import Account, Annotation, Asset, Sensor, Source

START, END = "2026-03-02T00:00:00+01:00", "2026-03-03T00:00:00+01:00"
REMARK = {"content": "Closed: Ünïcode ☃", "start": START, "end": END}

#: Kind, the entity of a tenant that is annotated, and its class.
KINDS = {
    "accounts": ("account", Account),
    "assets": ("battery", Asset),
    "sensors": ("power", Sensor),
}
each_kind = pytest.mark.parametrize("kind", KINDS)


def path_of(kind, tenant, *, earlier=False, entity=None):
    number = (entity or getattr(tenant, KINDS[kind][0])).id
    return f"/annotations/{kind}/{number}" if earlier else f"/{kind}/{number}/annotations"


@pytest.fixture
def boss(as_user, tenant):
    """Calls in the name of the admin of the account."""
    return as_user(tenant.account_admin)


def stored(installation, kind, tenant):
    """The annotations of the entity."""
    name, entity = KINDS[kind]
    with installation.database.reading() as session:
        found = session.get(entity, getattr(tenant, name).id).annotations
        return [annotation.id for annotation in found]


def number_of_annotations(installation):
    with installation.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Annotation))


@each_kind
@pytest.mark.parametrize("earlier", [False, True])
def test_an_annotation_is_made(boss, installation, tenant, kind, earlier):
    answer = boss.post(path_of(kind, tenant, earlier=earlier), REMARK)
    assert answer.status_code == 201, answer.text
    body = answer.get_json()
    annotation_id, source_id = body.pop("id"), body.pop("source")
    assert body == {
        "content": REMARK["content"],
        "start": "2026-03-01T23:00:00+00:00",
        "end": "2026-03-02T23:00:00+00:00",
        "type": "label",
        "prior": None,
        "status": 201,
    }
    assert stored(installation, kind, tenant) == [annotation_id]
    with installation.database.reading() as session:
        source = session.get(Source, source_id)
        assert source.type == "user"
        assert source.user_id == tenant.account_admin.id


def test_all_fields(boss, tenant):
    prior = "2026-02-01T10:00:00Z"
    body = boss.post(
        path_of("sensors", tenant), {**REMARK, "type": "holiday", "prior": prior}
    ).get_json()
    assert body["type"] == "holiday"
    assert body["prior"] == "2026-02-01T10:00:00+00:00"


@each_kind
def test_an_equal_annotation_is_not_repeated(boss, installation, tenant, kind):
    first = boss.post(path_of(kind, tenant), REMARK)
    again = boss.post(path_of(kind, tenant), {**REMARK, "start": "2026-03-01T23:00:00Z"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json() == {**first.get_json(), "status": 200}
    assert stored(installation, kind, tenant) == [first.get_json()["id"]]


def test_an_equal_annotation_of_something_else_is_linked(boss, installation, tenant):
    ids = [boss.post(path_of(kind, tenant), REMARK).get_json()["id"] for kind in KINDS]
    assert len(set(ids)) == 1
    assert number_of_annotations(installation) == 1
    for kind in KINDS:
        assert stored(installation, kind, tenant) == ids[:1]


@pytest.mark.parametrize(
    "change",
    [
        {"content": "other"},
        {"start": "2026-03-02T01:00:00+01:00"},
        {"type": "warning"},
        {"prior": START},
    ],
)
def test_what_differs_is_another_annotation(boss, tenant, change):
    first = boss.post(path_of("assets", tenant), REMARK).get_json()
    second = boss.post(path_of("assets", tenant), {**REMARK, **change})
    assert second.status_code == 201
    assert second.get_json()["id"] != first["id"]


def test_annotations_of_two_users_are_two(boss, member, tenant):
    path = path_of("assets", tenant)
    first, second = boss.post(path, REMARK), member.post(path, REMARK)
    assert (first.status_code, second.status_code) == (201, 201)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": None}, "content"),
        ({"content": ""}, "content"),
        ({"content": "x" * 1025}, "content"),
        ({"content": 3}, "content"),
        ({"start": "2026-03-02"}, "start"),
        ({"start": "2026-03-02T00:00:00"}, "start"),
        ({"end": None}, "end"),
        ({"type": "rumour"}, "type"),
        ({"prior": "soon"}, "prior"),
        ({"foo": 1}, "foo"),
        ({"source": 1}, "source"),
    ],
)
def test_mistakes(boss, installation, tenant, change, field):
    answer = boss.post(path_of("assets", tenant), {**REMARK, **change})
    assert answer.status_code == 422
    assert list(answer.get_json()["message"]["json"]) == [field]
    assert number_of_annotations(installation) == 0


@pytest.mark.parametrize("name", ["content", "start", "end"])
def test_what_is_required(boss, tenant, name):
    message = {key: value for key, value in REMARK.items() if key != name}
    answer = boss.post(path_of("assets", tenant), message)
    assert answer.get_json()["message"] == {"json": {name: ["Missing data for required field."]}}


@pytest.mark.parametrize("end", [START, "2026-03-01T00:00:00Z"])
def test_an_annotation_ends_after_its_start(boss, tenant, end):
    answer = boss.post(path_of("assets", tenant), {**REMARK, "end": end})
    assert answer.status_code == 422
    assert answer.get_json()["message"] == {"json": {"_schema": ["end must be after start"]}}


@pytest.mark.parametrize(
    ("who", "account", "own"),
    [
        ("admin", 201, 201),
        ("admin_reader", 403, 403),
        ("account_admin", 201, 201),
        ("member", 403, 201),
        ("consultant", 201, 201),
        ("other_member", 403, 403),
        ("clerk", 403, 403),
    ],
)
@pytest.mark.parametrize("earlier", [False, True])
def test_who_may(as_user, tenant, who, account, own, earlier):
    caller = as_user(getattr(tenant, who))
    for kind in KINDS:
        remark = {**REMARK, "content": kind}
        answer = caller.post(path_of(kind, tenant, earlier=earlier), remark)
        assert answer.status_code == (account if kind == "accounts" else own), kind


@pytest.mark.parametrize(("who", "status"), [("admin", 201), ("member", 403)])
def test_only_admins_annotate_what_is_public(as_user, tenant, who, status):
    caller = as_user(getattr(tenant, who))
    for kind, entity in (("assets", tenant.market), ("sensors", tenant.prices)):
        remark = {**REMARK, "content": kind}
        assert caller.post(path_of(kind, tenant, entity=entity), remark).status_code == status


@each_kind
def test_without_a_login_or_an_entity(nobody, boss, tenant, kind):
    assert nobody.post(path_of(kind, tenant), REMARK).status_code == 401
    for path in (f"/{kind}/999/annotations", f"/annotations/{kind}/999"):
        assert boss.post(path, REMARK).status_code == (422 if kind == "sensors" else 404)
        assert boss.post(path.replace("999", "x"), REMARK).status_code == 422
    assert boss.post("/annotations/users/1", REMARK).status_code == 404
