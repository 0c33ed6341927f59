"""``/api/restoreData``: set a simulation back to where it began. Only for servers that play."""

from __future__ import annotations

import logging
from typing import Any

from fmhost.api.errors import DomainRejection
from fmhost.api.messages import PROCESSED
from fmhost.api.operations import Answer, Resource
from fmhost.api.parsing import COMBINED
from fmhost.api.unit_of_work import current_installation, current_session
from fmhost.auth.login import requesting_user
from fmhost.auth.policy import ADMIN, NOT_AUTHORIZED
from fmhost.errors import NotAuthorized, NotFound
from fmhost.schemas.answers import ProcessedSchema
from fmhost.schemas.maintenance import RestoreSchema
from fmhost.services import backups

logger = logging.getLogger("fmhost.requests")

restoration = Resource("restoration", __name__, url_prefix="/api")


@restoration.operation(
    "PUT",
    "/restoreData",
    schema=RestoreSchema(),
    place=COMBINED,
    answer=ProcessedSchema,
    errors={400: ("NO_BACKUP", "UNRECOGNIZED_BACKUP")},
)
def restore_data(given: dict[str, Any]) -> Answer:
    """Replace everything in the database by a backup on the server.

    Only admins may, and only on servers in the mode `play`.
    """
    user = requesting_user()
    if not user.has_role(ADMIN):
        raise NotAuthorized(NOT_AUTHORIZED, hint=f"It requires the role {ADMIN}.")
    name = given.get("backup")
    if not name:
        raise DomainRejection("NO_BACKUP", "No backup named: 'backup' is missing.")
    who = user.id
    try:
        backups.restore(current_installation(), current_session(), name)
    except NotFound as error:
        raise DomainRejection("UNRECOGNIZED_BACKUP", str(error)) from error
    logger.warning("User %d has set the database back to the backup '%s'.", who, name)
    return PROCESSED
