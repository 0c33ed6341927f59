"""The document: valid, complete, and made of what validates."""

from __future__ import annotations

import pytest
from openapi_spec_validator import validate

from fmhost.api.operations import operations
from fmhost.app import create
from fmhost.testing.distributions import plugin

#: A resource with every feature, two broken ones, and a scheduler that describes itself.
TANKS = plugin(
    "tanks",
    """
    manifest = Manifest(
        name="tanks",
        schedulers={"Pump": Driver("acme_tanks.scheduler:Pump")},
        pages=(
            Pages(
                "acme_tanks.api:tanks",
                routes=("/api/v3_0/tanks", "/api/v3_0/tanks/<id>", "/api/v3_0/tanks/broken"),
            ),
        ),
        hooks="acme_tanks.hooks",
    )
    """,
    {
        "api.py": """
            from marshmallow import Schema, fields as plain

            from fmhost.plugin import (
                Account, DomainRejection, Permission, Resource, fields, loaders, web
            )

            tanks = Resource("tanks", __name__, url_prefix="/api/v3_0/tanks")
            committed = []

            class TankSchema(Schema):
                "A tank with warm water."

                sensor = fields.EntityId(required=True)
                volume = fields.Quantity("m³", required=True)
                name = plain.String(load_default="tank")

            class Unspeakable(Schema):
                wrong = plain.Nested("NoSuchSchema")

            @tanks.operation("GET", "/<id>", answer=TankSchema)
            def fetch_tank(id):
                '''Fetch the tank of a sensor.

                A second paragraph.
                '''
                sensor = loaders.load_sensor(id, Permission.READ)
                return {"sensor": sensor.id, "volume": "1 m³", "name": web.user().username}

            @tanks.operation(
                "POST", "", schema=TankSchema(), answers={201: TankSchema}, errors={409: ["FULL"]}
            )
            def add_tank(given):
                '''Add a tank to a sensor.'''
                sensor = loaders.load_sensor(str(given["sensor"]), Permission.CREATE_CHILDREN)
                web.session().add(Account(name=given["name"]))
                web.session().flush()
                web.after_commit(lambda: committed.append(given["name"]))
                if given["volume"] > 10:
                    raise DomainRejection("FULL", "No room for that.", 409)
                if given["volume"] < 0:
                    return {"sensor": sensor.id}, 201
                return TankSchema().dump({**given, "sensor": sensor.id}), 201

            @tanks.operation("GET", "/broken", schema=Unspeakable(), public=True)
            def fetch_broken(given):
                '''Nobody can describe this.'''
                return {}
            """,
        "hooks.py": """
            from fmhost.plugin import hookimpl

            @hookimpl
            def fmhost_openapi_extend(spec):
                count = len(spec["paths"])
                return {"info": {"title": "Acme"}, "x-count": count}
            """,
        "scheduler.py": """
            from marshmallow import Schema, fields
            from fmhost.plugin import Scheduler

            class FlowSchema(Schema):
                "How water flows."
                flow = fields.Float(required=True)

            class Config(Schema):
                pressure = fields.Float()

            class Pump(Scheduler):
                flex_model_schema = FlowSchema
                flex_context_schema = {"type": "object", "properties": {"weather": {}}}
                config_schema = Config

                def compute(self):
                    return None
            """,
    },
)

#: What its hook returns is no JSON.
BABEL = plugin(
    "babel",
    'manifest = Manifest(name="babel", hooks="acme_babel.hooks")',
    {
        "hooks.py": """
            from fmhost.plugin import hookimpl

            @hookimpl
            def fmhost_openapi_extend():
                return {"x-babel": object()}
            """
    },
)

#: Its hook fails.
GRUMPY = plugin(
    "grumpy",
    """
    manifest = Manifest(
        name="grumpy",
        hooks="acme_grumpy.hooks",
        schedulers={"Missing": Driver("acme_grumpy.nothing:Missing")},
    )
    """,
    {
        "hooks.py": """
            from fmhost.plugin import hookimpl

            @hookimpl
            def fmhost_openapi_extend():
                raise RuntimeError("not today")
            """
    },
)


@pytest.fixture
def database(sqlite_database):
    """The document is the same on every database."""
    return sqlite_database


@pytest.fixture
def document(client):
    return fetch(client)


def fetch(client):
    answer = client.get("/api/v3_0/openapi.json")
    assert answer.status_code == 200
    return answer.get_json()


def described(document):
    return [
        (f"{method} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_is_valid(document):
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/"}]


def test_every_operation_is_in_it_with_summary_answers_and_errors(app, document):
    found = dict(described(document))
    assert len(found) == len(list(operations(app))) > 12
    for name, operation in found.items():
        assert operation["summary"].endswith("."), name
        assert operation["tags"], name
        answers = set(operation["responses"])
        success = {status for status in answers if status.startswith("2")}
        assert success, name
        for status in success - {"204"}:
            (content,) = operation["responses"][status]["content"].values()
            assert content["schema"], name
        assert {"400", "500", "503"} <= answers, name
        public = operation.get("security") == []
        # One operation has a token of its own, which is no user's.
        guards_itself = name == "get /api/ops/getLatestTaskRun"
        assert (public and not guards_itself) is not ({"401", "403"} <= answers), name
        if "{" in name:
            assert answers & {"404", "422"}, name
        if "requestBody" in operation:
            assert {"413", "422"} <= answers, name
    public = {name for name, operation in found.items() if operation.get("security") == []}
    assert public == {
        "get /api/",
        "get /api/ops/getLatestTaskRun",
        "get /api/ops/ping",
        "post /api/requestAuthToken",
        "get /api/v3_0",
        "get /api/v3_0/health/ready",
        "get /api/v3_0/openapi.json",
    }


def test_every_installed_scheduler_is_in_it(document, installation):
    described, schemas = document["x-schedulers"], document["components"]["schemas"]
    assert set(described) == set(installation.host.registry.offers("scheduler"))
    for name, found in described.items():
        for part, whole in (("flex-model", "FlexModel"), ("flex-context", "FlexContext")):
            assert found[part] in schemas[whole]["anyOf"], (name, part)
            assert schemas[f"{name}.{part}"]["properties"], (name, part)


def test_how_a_client_proves_who_it_is(document):
    schemes = document["components"]["securitySchemes"]
    assert (schemes["token"]["in"], schemes["token"]["name"]) == ("header", "Authorization")
    assert schemes["session"]["in"] == "cookie"
    assert document["security"] == [{"token": []}, {"session": []}]


def test_what_comes_in_is_described_by_the_schema_that_loads_it(document):
    trigger = document["components"]["schemas"]["SensorTriggerRequest"]
    assert trigger["required"] == ["start"]
    assert trigger["additionalProperties"] is False
    assert trigger["properties"]["soc-at-start"]["deprecated"] is True
    fetching = document["paths"]["/api/v3_0/sensors/{id}/schedules/{uuid}"]["get"]
    parameters = {each["name"]: each for each in fetching["parameters"]}
    assert parameters["duration"]["schema"]["default"] == "PT6H"
    assert parameters["sign-convention"]["schema"]["enum"] == [
        "consumption-positive",
        "production-positive",
        "wysiwyg",
    ]
    assert parameters["id"]["schema"]["type"] == "integer"
    assert parameters["uuid"]["schema"]["format"] == "uuid"
    getting = document["paths"]["/api/v3_0/sensors/{id}/data"]["get"]
    required = {each["name"] for each in getting["parameters"] if each["required"]}
    assert required == {"id", "start", "duration", "unit"}


def test_files_come_in_a_form(document):
    uploading = document["paths"]["/api/v3_0/sensors/{id}/data/upload"]["post"]
    ((media, content),) = uploading["requestBody"]["content"].items()
    assert media == "multipart/form-data"
    form = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    assert {"uploaded-files", "unit"} < set(form["properties"])


def test_errors_of_an_operation_name_their_keys(document):
    fetching = document["paths"]["/api/v3_0/sensors/{id}/schedules/{uuid}"]["get"]
    text = str(fetching["responses"]["400"])
    assert "UNKNOWN_SCHEDULE" in text
    assert "UNRECOGNIZED_UDI_EVENT" in text
    posting = document["paths"]["/api/v3_0/sensors/{id}/data"]["post"]
    assert "INVALID_REPLACEMENT" in str(posting["responses"]["403"])
    assert "INVALID_SENDER" in str(posting["responses"]["403"])


def links(document, method, path, status):
    found = document["paths"][path][method]["responses"][status].get("links", {})
    assert all(each["operationId"] == name for name, each in found.items())
    return found


def test_answers_link_to_what_can_be_done_with_what_they_name(document):
    created = links(document, "post", "/api/v3_0/assets", "201")
    for name in ("assets.fetch_asset", "assets.update_asset", "assets.delete_asset"):
        assert created[name]["parameters"] == {"id": "$response.body#/id"}
    assert created["sensors.create_sensor"]["requestBody"] == {
        "generic_asset_id": "$response.body#/id"
    }
    assert created["sensors.list_sensors"]["parameters"] == {"query.asset": "$response.body#/id"}
    assert "sensors.fetch_sensor" not in created
    copied = links(document, "post", "/api/v3_0/assets/{id}/copy", "201")
    assert copied["assets.fetch_asset"]["parameters"] == {"id": "$response.body#/asset"}
    for collection, one in (("accounts", "account"), ("users", "user"), ("sensors", "sensor")):
        assert f"{collection}.fetch_{one}" in links(
            document, "post", f"/api/v3_0/{collection}", "201"
        )
    triggered = links(document, "post", "/api/v3_0/sensors/{id}/schedules/trigger", "200")
    assert triggered["schedules.fetch_schedule"]["parameters"] == {
        "id": "$request.path.id",
        "uuid": "$response.body#/schedule",
    }
    assert triggered["jobs.fetch_job"]["parameters"] == {"uuid": "$response.body#/schedule"}


def test_answers_link_to_where_the_outcome_is_seen(document):
    posted = links(document, "post", "/api/v3_0/sensors/{id}/data", "200")
    assert posted["sensor_data.get_data"]["parameters"] == {
        "id": "$request.path.id",
        "query.start": "$request.body#/start",
        "query.duration": "$request.body#/duration",
        "query.unit": "$request.body#/unit",
    }
    for kind, others in (("assets", 1), ("sensors", 1), ("accounts", 0)):
        annotated = links(document, "post", f"/api/v3_0/{kind}/{{id}}/annotations", "201")
        assert len(annotated) == others
        assert all("annotations" in name for name in annotated)
    assert links(document, "post", "/api/v3_0/sensors/data", "200") == {}


def test_it_is_served_below_a_prefix(client):
    answer = client.get("/api/v3_0/openapi.json", environ_overrides={"SCRIPT_NAME": "/energy"})
    assert answer.get_json()["servers"] == [{"url": "/energy"}]


def test_the_services_are_listed(client, app):
    answer = client.get("/api/v3_0")
    assert answer.status_code == 200
    body = answer.get_json()
    assert body["status"] == "PROCESSED"
    assert body["version"] == "3.0"
    assert body["services"][0] == {
        "url": "http://localhost/api/v3_0",
        "name": "GET ",
        "description": "List the services of the API.",
    }
    names = [each["name"] for each in body["services"]]
    assert "GET /assets" in names
    assert "POST /sensors/<id>/schedules/trigger" in names
    assert not [name for name in names if "/chart" in name]
    urls = [each["url"] for each in body["services"]]
    assert urls == sorted(urls)


@pytest.mark.parametrize("path", ["/docs/", "/docs", "/api/v3_0/docs", "/api/v3_0/docs/"])
def test_a_page_shows_it_with_nothing_from_elsewhere(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "//" not in answer.text.replace("</", "")
    assert "<script>" not in answer.text
    files = [part.split('"')[0] for part in answer.text.split('="/')[1:]]
    assert len(files) >= 5
    for name in files:
        with client.get(f"/{name}") as file:
            assert file.status_code == 200, name


@pytest.mark.parametrize("name", ["index.html", "..%2fopenapi.py", "LICENSE", "__init__.py"])
def test_no_other_file_is_served(client, name):
    assert client.get(f"/api/v3_0/docs/{name}").status_code == 404


class TestPlugins:
    """What plugins add."""

    @pytest.fixture
    def installation(self, site, open_installation):
        site.install(TANKS, BABEL, GRUMPY)
        return open_installation()

    def test_the_document_stays_valid(self, document):
        validate(document)

    def test_its_operations_are_in_the_document(self, document):
        operation = document["paths"]["/api/v3_0/tanks/{id}"]["get"]
        assert operation["summary"] == "Fetch the tank of a sensor."
        assert operation["description"] == "A second paragraph."
        assert operation["x-plugin"] == "tanks"
        assert {"200", "401", "403", "422"} <= set(operation["responses"])
        posting = document["paths"]["/api/v3_0/tanks"]["post"]
        body = posting["requestBody"]["content"]["application/json"]["schema"]
        assert body == {"$ref": "#/components/schemas/tanks.TankRequest"}
        request = document["components"]["schemas"]["tanks.TankRequest"]
        assert request["required"] == ["sensor", "volume"]
        assert request["description"] == "A tank with warm water."
        answer = document["components"]["schemas"]["tanks.Tank"]
        assert answer["required"] == ["sensor", "volume", "name"]
        assert "FULL" in str(posting["responses"]["409"])

    def test_its_operations_are_listed(self, client):
        names = [each["name"] for each in client.get("/api/v3_0").get_json()["services"]]
        assert "GET /tanks/<id>" in names

    def test_schedulers_describe_themselves(self, document):
        pump = document["x-schedulers"]["Pump"]
        assert (pump["plugin"], pump["distribution"]) == ("tanks", "acme-tanks")
        schemas = document["components"]["schemas"]
        for part in ("flex-model", "flex-context", "config"):
            assert pump[part] == {"$ref": f"#/components/schemas/Pump.{part}"}
        assert schemas["Pump.flex-model"]["required"] == ["flow"]
        assert schemas["Pump.flex-context"]["properties"] == {"weather": {}}
        assert pump["flex-model"] in schemas["FlexModel"]["anyOf"]
        assert pump["flex-context"] in schemas["FlexContext"]["anyOf"]

    def test_what_cannot_be_described_is_left_out_and_logged(self, client, caplog):
        document = fetch(client)
        assert "/api/v3_0/tanks/broken" not in document["paths"]
        assert "Missing" not in document["x-schedulers"]
        assert "x-babel" not in document
        for text in (
            "Plugin 'tanks' (acme-tanks 1.0): tanks.fetch_broken cannot be described.",
            "no module 'acme_grumpy.nothing'",
            "Plugin 'grumpy' (acme-grumpy 1.0) failed in hook fmhost_openapi_extend",
            "Plugin 'babel' (acme-babel 1.0): its fmhost_openapi_extend gave no JSON object.",
        ):
            assert text in caplog.text

    def test_hooks_have_the_last_word(self, document):
        assert document["info"]["title"] == "Acme"
        assert document["info"]["version"]
        assert document["x-count"] == len(document["paths"])

    def test_hooks_are_called_once(self, client, installation):
        first = fetch(client)
        assert fetch(client) == first
        assert installation.host.plugins["grumpy"].failures == {"fmhost_openapi_extend": 1}

    def test_its_resource_has_the_rules_of_the_host(self, client, tenant, log_in):
        headers = log_in(tenant.member)
        path = "/api/v3_0/tanks"
        assert client.get(f"{path}/{tenant.power.id}").status_code == 401
        answer = client.get(f"{path}/{tenant.power.id}", headers=headers)
        assert answer.get_json()["name"] == "member"
        assert answer.get_json()["status"] == 200
        others = log_in(tenant.other_member)
        assert client.get(f"{path}/{tenant.power.id}", headers=others).status_code == 403
        assert client.get(f"{path}/x", headers=headers).get_json()["message"] == {
            "path": {"id": ["Not a valid integer."]}
        }
        wrong = client.post(path, json={"volume": "a lot"}, headers=headers)
        assert wrong.status_code == 422
        assert set(wrong.get_json()["message"]["json"]) == {"sensor", "volume"}

    def test_what_it_writes_is_committed_after_a_good_answer_only(
        self, client, tenant, log_in, installation
    ):
        from acme_tanks.api import committed
        from sqlalchemy import select

        from fmhost.model import Account

        headers = log_in(tenant.account_admin)
        for name, volume, status in (("good", "2 m³", 201), ("large", "20 m³", 409)):
            tank = {"sensor": tenant.power.id, "volume": volume, "name": name}
            answer = client.post("/api/v3_0/tanks", json=tank, headers=headers)
            assert answer.status_code == status
        assert committed == ["good"]
        with installation.database.reading() as session:
            assert set(session.scalars(select(Account.name))) & {"good", "large"} == {"good"}

    def test_an_answer_that_deviates_is_noticed(self, client, tenant, log_in):
        headers = log_in(tenant.account_admin)
        tank = {"sensor": tenant.power.id, "volume": "-1 m³"}
        with pytest.raises(AssertionError, match="'volume' is a required property"):
            client.post("/api/v3_0/tanks", json=tank, headers=headers)


def test_a_route_that_a_plugin_takes_over_is_described_as_its_own(site, open_installation):
    site.install(
        plugin(
            "faster",
            """
            manifest = Manifest(
                name="faster", pages=(Pages("acme_faster.api:faster", ("/api/v3_0/assets",)),)
            )
            """,
            {
                "api.py": """
                    from fmhost.plugin import Resource

                    faster = Resource("faster", __name__, url_prefix="/api/v3_0/assets")

                    @faster.operation("GET", "", answer={"type": "array"})
                    def list_fast():
                        '''List assets, faster.'''
                        return []
                    """
            },
        )
    )
    granted = open_installation(FMHOST_ROUTE_OVERRIDES=["/api/v3_0/assets"])
    document = fetch(create(installation=granted).test_client())
    assert document["paths"]["/api/v3_0/assets"]["get"]["x-plugin"] == "faster"
    assert document["paths"]["/api/v3_0/assets/{id}"]["get"]["operationId"] == "assets.fetch_asset"
