"""What there is in the world: things of several owners, and how rows and checks find them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Final

from fmhost.testing.access.rules import (
    ACME,
    ADVICE,
    HOST,
    OTHER,
    PUBLIC,
    RIVAL,
    Need,
)

if TYPE_CHECKING:
    from fmhost.model import User

#: Password of everybody.
PASSWORD: Final = "correct horse battery"

#: Name of a task that has run.
TASK: Final = "prices"

#: Since when there are data, of a few events.
START: Final = datetime(2026, 3, 2, tzinfo=UTC)

#: All accounts, and all owners of assets.
ALL_ACCOUNTS: Final = (HOST, ADVICE, ACME, OTHER, RIVAL)
ESTATES: Final = (ACME, ADVICE, PUBLIC, OTHER)

#: What does not exist.
_NOWHERE: Final = 999_000_001
_NO_JOBS: Final = (
    "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000002",
)


def mark_of(owner: str) -> str:
    """What occurs in every text of an owner's, and nowhere else."""
    return f"zqx{owner}"


def value_of(owner: str) -> int:
    """The value of all data of an owner, which is that of nobody else's."""
    return 7_000_003 + 1_000_003 * ESTATES.index(owner)


@dataclass
class Estate:
    """What one owner has.

    :param account_id: None for the public.
    :param user_id: a plain user of the account, see :data:`~fmhost.testing.access.rules.TARGETS`.
    :param asset_id: an asset, with `part_id` below it.
    :param inner_id: power [kW, 15 minutes] of the part, whose schedules are for batteries.
    :param sensor_id: power [kW, 15 minutes] of the asset, with beliefs from :data:`START` on.
    :param daily_id: cost [EUR, 1 day] of the asset, which the asset shows as a figure.
    :param price_id: a price [EUR/MWh, 1 hour] of the asset.
    :param source_id: who formed the beliefs.
    :param job_id: a finished schedule of the sensor; `waiting_job_id` a forecast that waits.
    :param automation_id: a forecast of the sensor that recurs.
    :param key_id: an API key of the user.
    :param ids: of everything, and more.
    """

    owner: str
    account_id: int | None = None
    user_id: int | None = None
    asset_id: int = 0
    part_id: int = 0
    inner_id: int = 0
    sensor_id: int = 0
    daily_id: int = 0
    price_id: int = 0
    source_id: int = 0
    key_id: int = 0
    automation_id: int = 0
    job_id: str = ""
    waiting_job_id: str = ""
    ids: set[int] = field(default_factory=set)

    @property
    def mark(self) -> str:
        """What occurs in every text of the owner's, and nowhere else."""
        return mark_of(self.owner)

    @property
    def secrets(self) -> Mapping[str, Need]:
        """Texts that tell of something of this owner, and what it takes to know each."""
        seen = Need("asset", "read")
        own = (self.mark, str(value_of(self.owner)), self.job_id, self.waiting_job_id)
        found = dict.fromkeys(own, seen)
        if self.account_id is not None:
            found[f"{self.mark}-account-log"] = Need("account log", "read")
            found[f"{self.mark}-user-log"] = Need("user log", "read")
            found[f"{self.mark}-key"] = Need("user log", "read")
        return {text: need for text, need in found.items() if text}


@dataclass
class World:
    """Everything that the rows can name.

    :param type_id: of an asset type; `roles` and `account_ids` are ids by name.
    :param keys: API keys by the names of those who use them.
    :param shown_id: a sensor of OTHER that public pages show, as far as the reader may know it.
    """

    estates: Mapping[str, Estate]
    users: Mapping[str, User]
    roles: Mapping[str, int]
    account_ids: Mapping[str, int]
    type_id: int
    keys: Mapping[str, str]
    shown_id: int = 0

    @property
    def nothing(self) -> Estate:
        """An estate of which nothing exists."""
        return Estate(
            OTHER,
            account_id=_NOWHERE,
            user_id=_NOWHERE + 1,
            asset_id=_NOWHERE + 2,
            part_id=_NOWHERE + 3,
            inner_id=_NOWHERE + 4,
            sensor_id=_NOWHERE + 5,
            daily_id=_NOWHERE + 6,
            price_id=_NOWHERE + 7,
            source_id=_NOWHERE + 8,
            key_id=_NOWHERE + 9,
            automation_id=_NOWHERE + 10,
            job_id=_NO_JOBS[0],
            waiting_job_id=_NO_JOBS[1],
        )

    @property
    def acme(self) -> Estate:
        """What Acme has: that of the requesting person, in rows about references."""
        return self.estates[ACME]

    def estate(self, owner: str | None) -> Estate:
        """What an owner has; of Acme, where the row is about nobody's things."""
        return self.estates[owner or ACME]


class Numbers:
    """Ids that no database would give by itself, and that no other number looks like."""

    def __init__(self) -> None:
        owners = dict.fromkeys((*ALL_ACCOUNTS, *ESTATES))
        self._next = {
            owner: count(410_000_017 + place * 10_000_019) for place, owner in enumerate(owners)
        }
        self.given: dict[str, set[int]] = {owner: set() for owner in self._next}

    def __call__(self, owner: str) -> int:
        """The next id for something of `owner`."""
        number = next(self._next[owner])
        self.given[owner].add(number)
        return number
