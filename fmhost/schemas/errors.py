"""Turn the errors of the domain into those of marshmallow, which keep the field's place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from marshmallow import ValidationError

from fmhost.errors import InvalidInput


@contextmanager
def as_validation_error() -> Iterator[None]:
    """Raise a ``ValidationError`` with the same text where the block raises ``InvalidInput``."""
    try:
        yield
    except InvalidInput as error:
        raise ValidationError(str(error)) from error
