"""Look into answers for what somebody must not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fmhost.testing.access.estates import World, mark_of
from fmhost.testing.access.rows import Ask, Row
from fmhost.testing.access.rules import ADVISED_BY, Person, may, sees

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

_NUMBERS = re.compile(r"(?<![0-9.])[0-9]{9}(?![0-9.])")


def leaks(world: World, person: Person, ask: Ask, answer: TestResponse) -> Iterator[str]:
    """What an answer tells somebody who may not know it: texts, and ids that the request has not.

    Names of accounts and of users are looked for, too, where the account has nothing else.
    """
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    told = f"{headers}\n{text_of(answer)}".lower()
    said = ask.said.lower()
    numbers: set[int | None] = {int(text) for text in _NUMBERS.findall(told)}
    # An account knows the id of the one that advises it, but nothing else about it.
    adviser = world.account_ids.get(ADVISED_BY.get(person.account or "", ""))
    numbers -= {adviser}
    for owner, estate in world.estates.items():
        for secret, need in estate.secrets.items():
            if secret in told and secret not in said and not may(person, need, owner):
                yield f"tells of {owner}: {secret}"
        if sees(person, owner):
            continue
        for number in sorted(estate.ids & numbers):
            if str(number) not in said:
                yield f"tells of {owner}: id {number}"
    for owner in world.account_ids:
        hidden = owner not in world.estates and not sees(person, owner)
        if hidden and mark_of(owner) in told:
            yield f"tells of {owner}: {mark_of(owner)}"


def omissions(
    world: World, person: Person, row: Row, owner: str | None, ask: Ask, answer: TestResponse
) -> Iterator[str]:
    """Where a list does not show exactly what it has to, or counts something else."""
    if row.shows is not None:
        told = text_of(answer).lower()
        everybody = {*world.account_ids, *world.estates}
        shown = {owner for owner in everybody if mark_of(owner) in told}
        wanted = row.shows(person, owner)
        if shown != wanted:
            yield f"shows what {sorted(shown)} have instead of {sorted(wanted)}"
    page = page_of(answer)
    if page is not None and ask.query.get("page") == 1:
        counts = (page["num-records"], page["filtered-records"], len(page["data"]))
        if len(set(counts)) > 1 and counts[2] < int(ask.query.get("per-page", 10)):
            yield f"counts {counts[0]}, {counts[1]} filtered, and shows {counts[2]}"


def text_of(answer: TestResponse) -> str:
    """The text of an answer, as far as it is one."""
    return answer.get_data().decode(errors="replace")


def page_of(answer: TestResponse) -> dict[str, Any] | None:
    """A page of a list, if the answer is one."""
    body = answer.get_json() if answer.is_json and answer.data else None
    return body if isinstance(body, dict) and "num-records" in body else None
