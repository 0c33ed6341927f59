"""What both suites share: how a driver says that a check does not apply to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from fmhost.errors import ConfigurationError


class Conformance:
    """Base of the suites.

    :cvar does_not_apply: checks that do not apply to the driver, by their name without ``test_``,
        each with the reason; they are skipped, and the reason is shown.
    """

    does_not_apply: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        checks = [name.removeprefix("test_") for name in dir(cls) if name.startswith("test_")]
        for name, reason in cls.does_not_apply.items():
            if name not in checks:
                raise ConfigurationError(
                    f"{cls.__name__}.does_not_apply names '{name}', which is no check.",
                    field="does_not_apply",
                    hint=f"The checks are {', '.join(checks)}.",
                )
            if not isinstance(reason, str) or not reason.strip():
                raise ConfigurationError(
                    f"{cls.__name__}.does_not_apply gives no reason for '{name}'.",
                    field="does_not_apply",
                    hint="Say in a sentence why the check does not apply.",
                )

    @pytest.fixture(autouse=True)
    def _applicable(self, request: pytest.FixtureRequest) -> None:
        """Skip the check, with the reason, before anything else is set up for it."""
        name = request.function.__name__.removeprefix("test_")
        if name in self.does_not_apply:
            pytest.skip(self.does_not_apply[name])
