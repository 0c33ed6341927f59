"""What the plugin does when something happens; ``fmhost plugins hooks`` lists all hooks."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fmhost.plugin import hookimpl

from {{ cookiecutter.module_name }}.settings import TOKEN

if TYPE_CHECKING:
    from fmhost.plugin import Host, ScheduleResult

logger = logging.getLogger(__name__)


@hookimpl
def fmhost_startup(host: Host) -> None:
    """Say so where the token is missing; raise ``RefuseStartup`` for what you cannot do without."""
    if host.settings[TOKEN.name] is None:
        logger.warning("%s is not set.", TOKEN.name)


@hookimpl
def fmhost_schedule_computed(job: Any, schedule: Sequence[ScheduleResult]) -> None:
    """Called after a schedule was stored, whichever scheduler computed it."""
    logger.info("Schedule %s has %d series.", job.id, len(schedule))
