"""Lists of assets and sensors: pages, search, order, parts of trees; nothing of others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fmhost.model import Asset, AssetType, Sensor


def names(answer):
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    return [entry["name"] for entry in (body if isinstance(body, list) else body["data"])]


@pytest.fixture
def forest(installation, tenant):
    """A site of the account with parts on two levels, beside what the tenant has."""
    with installation.database.transaction() as session:
        solar = AssetType(name="solar")

        def asset(name, parent=None, **fields):
            made = Asset(
                name=name,
                generic_asset_type=solar,
                account_id=tenant.account.id,
                parent_asset=parent,
                **fields,
            )
            session.add(made)
            session.flush()
            return made

        site = asset("Site 100%")
        roof = asset("roof_a", site)
        panels = asset("Panels", roof)
        asset("RoofXb", site)
        for number, minutes in enumerate((60, 15, 0)):
            panels.sensors.append(
                Sensor(name=f"p{number}", unit="kW", event_resolution=timedelta(minutes=minutes))
            )
        session.flush()
        return {"site": site.id, "roof": roof.id, "panels": panels.id, "solar": solar.id}


ALL = ["battery", "inverter", "Site 100%", "roof_a", "Panels", "RoofXb"]


@pytest.mark.parametrize(
    ("query", "expected", "filtered"),
    [
        ({"page": 1}, ALL, 6),
        ({"page": 1, "per_page": 4}, ALL[:4], 6),
        ({"page": 2, "per-page": 4}, ALL[4:], 6),
        ({"page": 3, "per-page": 4}, [], 6),
        ({"page": 2147483647, "per_page": 2147483647}, [], 6),
        ({"page": 1, "filter": "roof"}, ["roof_a", "RoofXb"], 2),
        ({"page": 1, "filter": "ROOF_"}, ["roof_a"], 1),
        ({"page": 1, "filter": "100%"}, ["Site 100%"], 1),
        ({"page": 1, "filter": "acme roof"}, ["roof_a", "RoofXb"], 2),
        ({"page": 1, "filter": '"acme roof"'}, [], 0),
        ({"page": 1, "filter": '"site 1" acme'}, ["Site 100%"], 1),
        ({"page": 1, "filter": ""}, ALL, 6),
        ({"page": 1, "filter": '"'}, ALL, 6),
        ({"page": 1, "filter": "'; DROP TABLE account; --"}, [], 0),
        ({"filter": "roof"}, ["roof_a", "RoofXb"], None),
        (
            {"sort_by": "name"},
            ["battery", "inverter", "Panels", "roof_a", "RoofXb", "Site 100%"],
            None,
        ),
        (
            {"sort-by": "name", "sort-dir": "desc", "page": 1, "per_page": 2},
            ["Site 100%", "RoofXb"],
            6,
        ),
        ({"sort-by": "id", "sort-dir": "desc"}, ALL[::-1], None),
        ({"asset_type": "solar"}, ALL[2:], None),
        ({"asset-type": "battery|solar"}, ALL, None),
        ({"asset_type": "wind,3"}, [], None),
    ],
)
def test_pages_search_and_order(member, forest, query, expected, filtered):
    answer = member.get("/assets", **query)
    assert names(answer) == expected
    if filtered is None:
        assert isinstance(answer.get_json(), list)
    else:
        body = answer.get_json()
        assert (body["num-records"], body["filtered-records"]) == (6, filtered)
        assert body["status"] == 200


def test_types_are_found_by_id_too(member, forest):
    assert names(member.get("/assets", asset_type=forest["solar"])) == ALL[2:]


def test_ids_are_found_by_how_they_begin(member, forest):
    digits = str(forest["panels"])
    found = member.get("/assets", filter=digits).get_json()
    assert forest["panels"] in [asset["id"] for asset in found]
    assert all(str(asset["id"]).startswith(digits) or digits in asset["name"] for asset in found)


def test_trees(member, forest):
    root = forest["site"]
    assert names(member.get("/assets", root=root)) == ALL[2:]
    assert names(member.get("/assets", root=root, depth=0)) == ["Site 100%"]
    assert names(member.get("/assets", root=root, depth=1)) == ["Site 100%", "roof_a", "RoofXb"]
    assert names(member.get("/assets", root=root, depth=10**9)) == ALL[2:]
    assert names(member.get("/assets", root=forest["panels"])) == ["Panels"]
    assert names(member.get("/assets", depth=0)) == ["battery", "Site 100%"]
    assert names(member.get("/assets", depth=1)) == [name for name in ALL if name != "Panels"]


def test_a_circle_made_by_hand_does_not_hang(member, forest, installation):
    with installation.database.transaction() as session:
        session.get(Asset, forest["site"]).parent_asset_id = forest["panels"]
    assert names(member.get("/assets", root=forest["site"])) == ALL[2:]


def test_a_tree_of_others_is_no_way_in(as_user, tenant, installation):
    member = as_user(tenant.member)
    assert member.get("/assets", root=tenant.other_battery.id).status_code == 403
    assert member.get("/assets", root=999).status_code == 404
    with installation.database.transaction() as session:
        session.get(Asset, tenant.other_battery.id).parent_asset_id = tenant.market.id
    market = tenant.market.id
    assert names(member.get("/assets", root=market)) == ["market"]
    assert names(as_user(tenant.admin).get("/assets", root=market)) == ["battery", "market"]


def test_fields_can_be_chosen(member, tenant):
    (first, _) = member.get("/assets", fields="id|name").get_json()
    assert first == {"id": tenant.battery.id, "name": "battery"}
    page = member.get("/assets", fields="id,generic_asset_type", page=1).get_json()
    assert page["data"][0].keys() == {"id", "generic_asset_type"}
    answer = member.get("/assets", fields="id|secrets")
    assert answer.status_code == 422
    assert "Unknown: secrets." in answer.get_json()["message"]["query"]["fields"][0]


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"page": -1},
        {"page": "x"},
        {"page": 2**40},
        {"per_page": 0},
        {"per-page": "ten"},
        {"sort_by": "secrets"},
        {"sort-dir": "up"},
        {"depth": -1},
        {"root": "x"},
        {"filter": "x " * 51},
    ],
)
def test_queries_that_make_no_sense(member, query):
    answer = member.get("/assets", **query)
    assert answer.status_code == 422
    (field,) = query
    assert list(answer.get_json()["message"]["query"]) == [field.replace("-", "_")]


def test_owners_are_an_order(as_user, tenant):
    answer = as_user(tenant.admin).get("/assets", all_accessible=True, sort_by="owner", page=1)
    assert [asset["account_id"] for asset in answer.get_json()["data"]] == [
        None,
        tenant.account.id,
        tenant.account.id,
        tenant.other_account.id,
    ]


@pytest.mark.parametrize(
    ("who", "count"),
    [
        ("admin", 4),
        ("admin_reader", 4),
        ("account_admin", 3),
        ("member", 3),
        ("other_member", 2),
        ("consultant", 3),
        ("clerk", 1),
    ],
)
def test_lists_and_counts_have_nothing_of_others(as_user, tenant, who, count):
    caller = as_user(getattr(tenant, who))
    answer = caller.get("/assets", all_accessible=True, page=1, per_page=1)
    assert (answer.get_json()["num-records"], answer.get_json()["filtered-records"]) == (count,) * 2
    answer = caller.get("/assets", all_accessible=True, page=1, filter="Other")
    assert answer.get_json()["filtered-records"] == (
        1 if who in ("admin", "admin_reader", "other_member") else 0
    )
    assert names(caller.get("/assets/public")) == ["market"]


def test_types_are_listed(member, tenant):
    assert member.get("/assets/types").get_json() == [
        {
            "id": tenant.battery.generic_asset_type_id,
            "name": "battery",
            "description": "stationary battery",
        }
    ]


def test_sensors_of_an_asset_come_page_by_page(member, forest):
    path = f"/assets/{forest['panels']}/sensors"
    body = member.get(path).get_json()
    assert [sensor["name"] for sensor in body["data"]] == ["p0", "p1", "p2"]
    assert (body["num-records"], body["filtered-records"]) == (3, 3)
    assert body["data"][0]["entity_address"].startswith("ea1.")
    assert names(member.get(path, page=2, per_page=2)) == ["p2"]
    assert names(member.get(path, **{"sort-by": "resolution"})) == ["p2", "p1", "p0"]
    assert names(member.get(path, sort_by="name", sort_dir="desc")) == ["p2", "p1", "p0"]
    body = member.get(path, filter="p1").get_json()
    assert (body["num-records"], body["filtered-records"]) == (3, 1)
    assert names(member.get(f"/assets/{forest['roof']}/sensors")) == []


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("admin", 200),
        ("admin_reader", 200),
        ("account_admin", 200),
        ("member", 200),
        ("other_member", 403),
        ("consultant", 200),
        ("clerk", 403),
    ],
)
def test_who_may_see_the_sensors_of_an_asset(as_user, tenant, who, status):
    caller = as_user(getattr(tenant, who))
    assert caller.get(f"/assets/{tenant.battery.id}/sensors").status_code == status
    assert names(caller.get(f"/assets/{tenant.market.id}/sensors")) == ["prices"]
    assert caller.get("/assets/999/sensors").status_code == 404


def test_pages_of_sensors(member, tenant, forest):
    body = member.get("/sensors", page=1, per_page=2).get_json()
    assert [sensor["name"] for sensor in body["data"]] == ["power", "level"]
    assert (body["num-records"], body["filtered-records"]) == (6, 6)
    body = member.get("/sensors", page=1, filter="p acme", unit="kW").get_json()
    assert [sensor["name"] for sensor in body["data"]] == ["power", "p0", "p1", "p2"]
    assert (body["num-records"], body["filtered-records"]) == (4, 4)
    assert names(member.get("/sensors", filter="other")) == []
    assert names(member.get("/sensors", asset=forest["site"], filter="p1")) == ["p1"]


def test_search_terms_that_nobody_types_are_refused(member):
    for path in ("/assets", "/accounts", "/users"):
        answer = member.get(path, page=1, filter="x" * 100_000)
        assert answer.status_code == 422
        assert "filter" in answer.get_json()["message"]["query"]


def test_the_number_of_statements_does_not_grow_with_the_list(
    member, installation, tenant, statements
):
    def count(path, query):
        with statements() as counted:
            assert member.get(path, **query).status_code == 200
        return counted.number

    battery = tenant.battery.id
    requests = [
        ("/assets", {}),
        ("/assets", {"page": 1, "per_page": 100, "filter": "a", "sort_by": "owner"}),
        ("/assets", {"root": battery, "depth": 3}),
        (f"/assets/{battery}", {}),
        (f"/assets/{battery}/sensors", {"per_page": 100}),
        ("/assets/public", {}),
        ("/sensors", {"page": 1, "per_page": 100}),
        ("/sensors", {"asset": battery}),
    ]
    for request in requests:
        count(*request)  # what is prepared once
    before = [count(*request) for request in requests]
    with installation.database.transaction() as session:
        for number in range(8):
            for account_id, parent_id in (
                (tenant.account.id, tenant.battery.id),
                (tenant.account.id, None),
                (None, None),
            ):
                asset = Asset(
                    name=f"part {number}",
                    account_id=account_id,
                    parent_asset_id=parent_id,
                    generic_asset_type=AssetType(name=f"type {number} {account_id} {parent_id}"),
                )
                asset.sensors = [Sensor(name="a", unit="kW"), Sensor(name="b", unit="kW")]
                session.add(asset)
            session.add(Sensor(name=f"s{number}", unit="kW", generic_asset_id=tenant.battery.id))
    assert [count(*request) for request in requests] == before
    assert max(before) <= 7


def test_a_change_takes_as_many_statements_in_a_large_tree(
    as_user, installation, tenant, statements
):
    boss = as_user(tenant.account_admin)

    def count():
        with statements() as counted:
            body = {"attributes": {"a": counted.number}, "sensors_to_show": [tenant.power.id]}
            assert boss.patch(f"/assets/{tenant.battery.id}", body).status_code == 200
        return counted.number

    count()
    before = count()
    with installation.database.transaction() as session:
        for number in range(8):
            session.add(
                Asset(
                    name=f"part {number}",
                    account_id=tenant.account.id,
                    parent_asset_id=tenant.battery.id,
                    generic_asset_type_id=tenant.battery.generic_asset_type_id,
                )
            )
    assert count() == before
