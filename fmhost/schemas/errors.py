"""Turn the errors of the domain into those of marshmallow, which keep the field's place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from marshmallow import ValidationError

from fmhost.errors import InvalidInput


@contextmanager
def as_validation_error() -> Iterator[None]:
    """Raise a ``ValidationError`` with the same text where the block raises ``InvalidInput``."""
    try:
        yield
    except InvalidInput as error:
        raise ValidationError(str(error)) from error


def first_message(error: ValidationError) -> tuple[str, str]:
    """The place (dotted, empty for the whole) and the text of the first message."""
    path: list[str] = []
    messages: Any = error.messages
    while isinstance(messages, Mapping | list) and messages:
        if isinstance(messages, Mapping):
            name, messages = next(iter(messages.items()))
            path += [] if name == "_schema" else [str(name)]
        else:
            messages = messages[0]
    return ".".join(path), str(messages)
