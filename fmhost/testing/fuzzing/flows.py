"""Requests that follow each other, along the links of the API's document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from schemathesis.generation.stateful.state_machine import APIStateMachine

from fmhost.jobs.execute import execute
from fmhost.testing.fuzzing.fuzzed import Fuzzed
from fmhost.testing.fuzzing.requests import ROWS, granted_request

if TYPE_CHECKING:
    from schemathesis import Case, Response

#: What may be called anything.
_FREE: Final = ("name", "username", "content", "description")

#: Where an answer names what has been made, or a job.
_MADE: Final = ("id", "asset")
_JOBS: Final = ("schedule", "forecast")


def state_machine(fuzzed: Fuzzed) -> type[APIStateMachine]:
    """A machine whose runs go from an answer to what it links to; a run leaves no trace.

    Left to chance, next to nothing would be made that could be linked to: so bodies are those of
    valid requests, but for names, and for ids that an answer has named. Jobs run at once.
    """

    class Flow(fuzzed.schema.as_state_machine()):  # type: ignore[misc]  # made from the document
        """One run."""

        def setup(self) -> None:
            """Begin with the world as it is."""
            self._made: set[Any] = set()
            self._stack = ExitStack()
            self._stack.enter_context(fuzzed.stage.database.case())

        def teardown(self) -> None:
            """Leave no trace."""
            self._stack.close()

        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
            """Ask in somebody's name."""
            return {"headers": fuzzed.headers}

        def before_call(self, case: Case[Any]) -> None:
            """Make it a request that means something."""
            _mean_something(fuzzed, case, self._made)

        def after_call(self, response: Response, case: Case[Any]) -> None:
            """Remember what has been made, and run the job that was asked for."""
            if response.status_code not in (200, 201, 202) or case.method.upper() == "GET":
                return
            body = response.json()
            told = body if isinstance(body, dict) else {}
            self._made |= {told[name] for name in _MADE if isinstance(told.get(name), int)}
            for name in _JOBS:
                if name in told:
                    self._made.add(told[name])
                    execute(fuzzed.stage.installation, told[name], "worker")

        def validate_response(self, response: Response, case: Case[Any], **_options: Any) -> None:
            """See that the answer is as documented."""
            fuzzed.judge.check(case, response)

    return Flow


def _mean_something(fuzzed: Fuzzed, case: Case[Any], made: set[Any]) -> None:
    granted = granted_request(fuzzed.stage, fuzzed.person, _named(case))
    for name, value in _variables(case.operation.path, granted.path):
        if case.path_parameters.get(name) not in made:
            case.path_parameters[name] = value
    if case.query:
        case.query = {**granted.query, **_known(case.query, made)}
    valid = granted.json
    if isinstance(case.body, dict) and isinstance(valid, dict):
        free: dict[str, Any] = {name: case.body[name] for name in _FREE if name in case.body}
        case.body = {**valid, **free, **_known(case.body, made)}


def _known(given: Mapping[str, Any], made: set[Any]) -> dict[str, Any]:
    """What names something that has been made."""
    return {
        name: value
        for name, value in given.items()
        if isinstance(value, int | str) and not isinstance(value, bool) and value in made
    }


def _variables(template: str, path: str) -> Iterator[tuple[str, Any]]:
    """The values that a path has for the variables of its template."""
    for part, value in zip(template.split("/"), path.split("/"), strict=True):
        if part.startswith("{"):
            yield part[1:-1], int(value) if value.isdecimal() else value


def _named(case: Case[Any]) -> str:
    """The operation as the rows have it."""
    path = case.operation.path.replace("{", "<").replace("}", ">")
    found = f"{case.method.upper()} {path}"
    assert found in ROWS, found
    return found
