"""Somebody who asks an application for what nobody means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar
from zlib import crc32

from fmhost.api.openapi import describe, path_of
from fmhost.testing.access.rows import Ask
from fmhost.testing.access.stage import Stage
from fmhost.testing.fuzzing.requests import valid_requests

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

JsonObject = dict[str, Any]
T = TypeVar("T")


class Asker:
    """An application, asked by an admin; nothing that is asked leaves a trace.

    Each answer must be as the API's document has it, and no failure of the server.

    :param share: which of the many things to ask, where others ask the rest.
    """

    def __init__(self, stage: Stage, share: slice = slice(None)) -> None:
        self._stage = stage
        self._share = share
        self.document = describe(stage.app, stage.installation.host)

    def share(self, things: Iterable[T]) -> list[T]:
        """Which of these to ask."""
        return list(things)[self._share]

    def turn(self, operation: str, things: Iterable[T]) -> list[T]:
        """Which of very many to ask of an operation: where :meth:`share` gives a part, half of it.

        Operations have different halves, so that all are asked of many.
        """
        mine = self.share(things)
        return mine if self._share == slice(None) else mine[crc32(operation.encode()) % 2 :: 2]

    def valid(self, operation: str) -> Ask:
        """A request that would be met."""
        return valid_requests(self._stage.world, operation)[0]

    def described(self, operation: str) -> JsonObject:
        """What the document says of an operation."""
        method, _, rule = operation.partition(" ")
        found: JsonObject = self.document["paths"][path_of(rule)][method.lower()]
        return found

    def component(self, name: str) -> JsonObject:
        """A schema of the document; `name` may also be a reference to it."""
        found: JsonObject = self.document["components"]["schemas"][name.rpartition("/")[2]]
        return found

    def fields(self, operation: str) -> list[str]:
        """The names of what the body of an operation can have."""
        (content,) = self.described(operation)["requestBody"]["content"].values()
        return sorted(self.component(content["schema"]["$ref"])["properties"])

    def parameters(self, operation: str) -> list[str]:
        """The names of what the query of an operation can have."""
        described = self.described(operation).get("parameters", ())
        return sorted(each["name"] for each in described if each["in"] == "query")

    def send(self, operation: str, path: str | None = None, **options: Any) -> TestResponse:
        """Ask.

        :param path: default that of a valid request.
        :param options: see :class:`werkzeug.test.EnvironBuilder`.
        :raises AssertionError: where the server fails, or its answer is not as documented.
        """
        headers = {**self._stage.headers["admin"], **options.pop("headers", {})}
        client = self._stage.app.test_client(use_cookies=False)
        with self._stage.database.case():
            answer = client.open(
                self.valid(operation).path if path is None else path,
                method=operation.partition(" ")[0],
                headers=headers,
                **options,
            )
        said = str(options)[:500]
        assert answer.status_code < 500, f"{said} -> {answer.status_code}: {answer.text}"
        return answer


def refused(answer: TestResponse) -> set[str]:
    """The names that a refusal has at any level of its message: of places and of fields.

    :raises AssertionError: where it is no refusal.
    """
    assert 400 <= answer.status_code < 500, f"{answer.status_code}: {answer.text}"
    return set(_names(answer.get_json()["message"]))


def _names(message: Any) -> Iterator[str]:
    if isinstance(message, dict):
        for name, inner in message.items():
            yield name
            yield from _names(inner)
