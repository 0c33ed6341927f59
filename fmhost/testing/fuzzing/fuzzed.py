"""An application that answers what schemathesis makes up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import schemathesis
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request

from fmhost.api.openapi import path_of
from fmhost.model import Account, ApiKey, Asset, Job, Sensor, User
from fmhost.testing.access.stage import Stage
from fmhost.testing.contract import Contract

DOCUMENT: Final = "/api/v3_0/openapi.json"

#: What schemathesis looks at.
CHECKS: Final = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

#: Of what the ids are, by what stands before them in a path.
_COLLECTIONS: Final[Mapping[str, Any]] = {
    "accounts": Account,
    "users": User,
    "assets": Asset,
    "asset": Asset,
    "sensors": Sensor,
    "sensor": Sensor,
    "api-keys": ApiKey,
    "jobs": Job,
    "schedules": Job,
    "forecasts": Job,
}


class Judge:
    """Compares answers with the API's document: by schemathesis, and by our own stricter look."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def check(self, case: Case[Any], answer: schemathesis.Response) -> None:
        """See that an answer is as documented, and no failure of the server.

        :raises Exception: where it is not, saying why.
        """
        case.validate_response(answer, checks=list(CHECKS))
        headers = Headers([(name, one) for name, many in answer.headers.items() for one in many])
        told = TestResponse(
            [answer.content],
            str(answer.status_code),
            headers,
            Request({"REQUEST_METHOD": case.method}),
        )
        self._contract.check(case.method.upper(), case.formatted_path, told)


class Fuzzed:
    """An application, asked in somebody's name; nothing that is asked leaves a trace."""

    def __init__(self, stage: Stage, person: str) -> None:
        self.stage = stage
        self.person = person
        # Schemathesis does not unpack what is compressed.
        self.headers = {**stage.headers[person], "Accept-Encoding": "identity"}
        self.judge = Judge(Contract(stage.app))
        with stage.database.case():
            self.schema = schemathesis.openapi.from_wsgi(DOCUMENT, stage.app)
            with stage.database.reading() as session:
                self._existing = {
                    name: list(session.scalars(select(kind.id).order_by(kind.id)))
                    for name, kind in _COLLECTIONS.items()
                }

    def operation(self, operation: str) -> APIOperation[Any, Any, Any, Any]:
        """An operation, as schemathesis has it from the document."""
        method, _, rule = operation.partition(" ")
        found: APIOperation[Any, Any, Any, Any] = self.schema[path_of(rule)][method]
        return found

    def existing(self, path: str, name: str) -> Sequence[Any]:
        """What exists that a variable of a path can name."""
        collection = path.partition(f"/{{{name}}}")[0].rpartition("/")[2]
        return self._existing.get(collection, ())

    def send(self, case: Case[Any]) -> None:
        """Ask, and have the answer judged."""
        with self.stage.database.case():
            answer = case.call(headers=self.headers)
        self.judge.check(case, answer)
