"""Every line of a request or job says which one, and none holds a secret."""

from __future__ import annotations

import json
import logging

import pytest

from fmhost.app import create
from fmhost.telemetry.context import begin, end, facts, note, working_on
from fmhost.telemetry.log_files import SharedRotatingFile
from fmhost.telemetry.logs import logs_written, write_logs
from fmhost.testing.tenants import PASSWORD

LEVEL = {"LOGGING_LEVEL": logging.DEBUG}
SECRETS = {
    "SECRET_KEY": "the-key-of-the-site",
    "MAIL_PASSWORD": "of-the-postman",
    "FLEXMEASURES_SECRETS_ENCRYPTION_KEYS": {"1": "the-key-of-secrets"},
}


@pytest.fixture
def written(capsys):
    """``written()`` is what was written to standard error since it was asked last."""
    return lambda: capsys.readouterr().err


def lines(written):
    return [json.loads(line) for line in written().splitlines()]


def test_lines_of_a_request(open_installation, tenant, written, log_in):
    installation = open_installation(FMHOST_LOG_FORMAT="json", **LEVEL)
    app = create(installation=installation)
    headers = log_in(tenant.member) | {"X-Request-ID": "trace-42"}
    path = f"/api/v3_0/sensors/{tenant.power.id}"
    with logs_written(installation.settings):
        assert app.test_client().get(path, headers=headers).status_code == 200
    (line,) = [each for each in lines(written) if each["logger"] == "fmhost.requests"]
    assert line.pop("time").endswith("+00:00")
    assert line.pop("duration_ms") > 0
    assert line.pop("message").startswith(f"GET {path} -> 200")
    assert line == {
        "level": "INFO",
        "logger": "fmhost.requests",
        "request_id": "trace-42",
        "user_id": tenant.member.id,
        "account_id": tenant.account.id,
        "method": "GET",
        "path": path,
        "route": "/api/v3_0/sensors/<id>",
        "status": 200,
    }
    assert facts() == {}


def test_text_names_the_work(open_installation, written):
    with logs_written(open_installation().settings), working_on(request_id="r1", user_id=3):
        logging.getLogger("acme").error("It broke.")
    assert written().endswith("ERROR [request_id=r1 user_id=3] acme: It broke.\n")


def test_a_traceback_is_one_line_of_json(open_installation, written):
    settings = open_installation(FMHOST_LOG_FORMAT="json").settings
    with logs_written(settings):
        try:
            raise ValueError(f"password={PASSWORD}")
        except ValueError:
            logging.getLogger("fmhost").exception("It broke.")
    (line,) = lines(written)
    assert "ValueError" in line["exception"]
    assert PASSWORD not in line["exception"]


def test_nothing_is_noted_outside_of_work():
    note(user_id=1)
    assert facts() == {}
    begin(request_id="r1")
    note(user_id=1)
    assert facts() == {"request_id": "r1", "user_id": 1}
    end()
    assert facts() == {}


def test_the_levels_are_as_before(open_installation):
    root, ours = logging.getLogger(), logging.getLogger("fmhost")
    before = (list(root.handlers), root.level, ours.level)
    with logs_written(open_installation(LOGGING_LEVEL=logging.ERROR).settings):
        assert ours.level == logging.ERROR
        write_logs(open_installation(**LEVEL).settings)
        assert len(root.handlers) == 1
        assert root.level == logging.WARNING  # other packages say much that nobody wants to know
    assert (list(root.handlers), root.level, ours.level) == before


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_line_holds_a_secret(open_installation, tenant, written, form):
    installation = open_installation(FMHOST_LOG_FORMAT=form, **LEVEL, **SECRETS)
    app = create(installation=installation)
    # What nobody means to happen, and what an error in between would log.
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.route("/broken", methods=["POST"])
    def broken():
        from flask import request

        raise RuntimeError(f"{dict(request.headers)} {request.get_json()} {SECRETS} {request.url}")

    client = app.test_client()
    with logs_written(installation.settings):
        wrong = {"email": tenant.member.email, "password": "wrong-password-1"}
        client.post("/api/requestAuthToken", json=wrong)
        right = {"email": tenant.member.email, "password": PASSWORD}
        token = client.post("/api/requestAuthToken", json=right).get_json()["auth_token"]
        key = {"name": "probe", "scopes": ["read"]}
        made = client.post("/api/v3_0/api-keys", json=key, headers={"Authorization": token})
        secrets = [token, made.get_json()["key"], "wrong-password-1", PASSWORD, "s3cret"]
        for secret in secrets[:2]:
            client.get("/api/v3_0/assets", headers={"Authorization": secret})
            client.get(f"/reset/{secret}")
            client.post("/broken", json=right, headers={"Authorization": secret})
        for line in (
            "postgresql://me:s3cret@db/x",
            f"'token': '{token}'",
            "Cookie: session=s3cret",
        ):
            logging.getLogger("fmhost").warning(line)
    text = written()
    assert "RuntimeError" in text
    known = [value for value in SECRETS.values() if isinstance(value, str)]
    assert [each for each in (*secrets, *known, "the-key-of-secrets") if each in text] == []


def test_a_failed_statement_does_not_show_its_parameters(database):
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    with pytest.raises(SQLAlchemyError) as caught, database.transaction() as session:
        session.execute(text("SELECT :secret FROM nowhere"), {"secret": "s3cret"})
    assert "s3cret" not in str(caught.value)


def test_lines_are_kept_in_a_file(open_installation, written, tmp_path):
    settings = open_installation(FMHOST_LOG_FILE="logs/kept.log").settings
    with logs_written(settings), working_on(request_id="r1"):
        logging.getLogger("acme").error("It broke.")
    kept = (settings.instance / "logs/kept.log").read_text()
    assert kept == written()
    assert "ERROR [request_id=r1] acme: It broke." in kept


def test_where_no_file_can_be_written_standard_error_is_enough(open_installation, written):
    (file := open_installation().settings.instance / "kept").touch()
    with logs_written(open_installation(FMHOST_LOG_FILE=f"{file}/log").settings):
        logging.getLogger("acme").error("It broke.")
    assert "FMHOST_LOG_FILE" in (said := written())
    assert "It broke." in said


def test_a_full_file_is_moved_aside_by_whichever_process_comes_first(tmp_path):
    path = tmp_path / "log"
    # As in two processes: each has the file open by itself.
    writers = [SharedRotatingFile(path, largest=200, kept=3) for _ in range(2)]
    told = [f"line {number:02} {'.' * 40}" for number in range(30)]
    for number, line in enumerate(told):
        record = logging.LogRecord("acme", logging.ERROR, "", 0, line, (), None)
        writers[number % 2].emit(record)
    for writer in writers:
        writer.close()
    files = [tmp_path / "log.3", tmp_path / "log.2", tmp_path / "log.1", path]
    kept = [line for file in files for line in file.read_text().splitlines()]
    assert kept == told[-len(kept) :]
    assert len(kept) >= 13
    assert all(file.stat().st_size <= 200 for file in files)
