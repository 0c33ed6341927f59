"""Operations of the API done by pages: the same checks, the same policy, the same messages.

A page that changes something does not do so by itself, but has the operation do it that programs
call. What the operation refuses, the page shows beside the fields of its form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from flask import current_app
from marshmallow import ValidationError

from fmhost.api.errors import DomainRejection, Rejected, told
from fmhost.api.operations import Operation, operation_of
from fmhost.api.unit_of_work import current_session, unit_of_work
from fmhost.auth.api_keys import require_scope
from fmhost.errors import FmhostError, NotAuthenticated

#: Texts by field, with dots between a field and what is within it; under "" what is about none.
Messages = Mapping[str, list[str]]


class Refused(Exception):
    """An operation that was not done; nothing of it was written.

    :param messages: why, by field.
    :param status: the HTTP status with which the API would have answered.
    """

    def __init__(self, messages: Messages, status: int = 422) -> None:
        super().__init__(str(dict(messages)))
        self.messages = messages
        self.status = status


def perform(endpoint: str, given: Mapping[str, Any] | None = None, **path: str) -> Any:
    """Do an operation in the name of whoever asks for the page, in the request's transaction.

    :param endpoint: of the operation, such as ``assets.create_asset``.
    :param given: its arguments, as a program would send them.
    :param path: the variables of its path.
    :return: the body of its answer.
    :raises Refused: where it is not done.
    """
    operation = operation_of(current_app, endpoint)
    assert operation is not None, f"There is no operation {endpoint}."
    return _attempt(lambda: _done(operation, given, path))


def rehearsal() -> AbstractContextManager[None]:
    """Within the block nothing that is written stays: to try several operations in a row."""
    return unit_of_work().rehearsal()


def rehearse(endpoint: str, given: Mapping[str, Any], **path: str) -> Messages:
    """What an operation would refuse, as for :func:`perform`; nothing of it stays.

    Where a field is refused, the others are looked at without it, so that each is told what is
    wrong with it.
    """
    found: dict[str, list[str]] = {}
    left = dict(given)
    while True:
        try:
            with unit_of_work().rehearsal():
                perform(endpoint, left, **path)
        except Refused as error:
            new = {field: texts for field, texts in error.messages.items() if field not in found}
            found |= new
            rest = {
                name: _without(value, name, new) for name, value in left.items() if name not in new
            }
            if rest == left:
                return found
            left = rest
            continue
        return found


def _without(value: Any, name: str, fields: Messages) -> Any:
    """An argument without the members that are refused, where it is a JSON object.

    :param name: of the argument; its members go by their own names, or by those within it.
    """
    if not isinstance(value, Mapping):
        return value
    within = (f"{name}.", f"{name.replace('_', '-')}.")
    refused = {
        each.split(".")[1] if each.startswith(within) else each.split(".")[0] for each in fields
    }
    return {key: each for key, each in value.items() if key not in refused}


def _done(operation: Operation, given: Mapping[str, Any] | None, path: Mapping[str, str]) -> Any:
    require_scope(operation.scope)
    arguments: dict[str, Any] = dict(path)
    if operation.schema is not None and operation.parses:
        arguments["given"] = operation.schema.load(dict(given or {}))
    with current_session().begin_nested():
        answer = operation.view(**arguments)
    return answer[0] if isinstance(answer, tuple) else answer


def _attempt(do: Callable[[], Any]) -> Any:
    try:
        return do()
    except ValidationError as error:
        raise Refused(_flat(error.messages_dict)) from error
    except Rejected as error:
        # The outermost keys are places of a request, which a page does not have.
        inner = [value for value in error.messages.values() if isinstance(value, Mapping)]
        texts = {key: each for value in inner for key, each in value.items()}
        raise Refused(_flat(texts or {"": error.messages})) from error
    except DomainRejection as error:
        raise Refused({"": [error.message]}, error.http_status) from error
    except NotAuthenticated:
        raise
    except FmhostError as error:
        if error.http_status >= 500:
            raise
        raise Refused({error.field or "": [told(error)]}, error.http_status) from error


def _flat(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    if isinstance(messages, Mapping):
        flat: dict[str, list[str]] = {}
        for name, value in messages.items():
            below = "" if name in ("", "_schema") else str(name)
            flat |= _flat(value, ".".join(filter(None, (prefix, below))))
        return flat
    texts = messages if isinstance(messages, list) else [messages]
    return {prefix: [str(text) for text in texts]}
