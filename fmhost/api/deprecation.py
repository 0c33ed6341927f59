"""Parts of the API that are on their way out, announced to clients and switched off in stages.

================  ==========================================  ==================================
stage             FLEXMEASURES_API_SUNSET_ACTIVE not set      set
================  ==========================================  ==================================
``deprecated``    works                                       True: 410, a blackout test
``sunset``        410                                         False: works, the sunset is undone
``removed``       410                                         410
================  ==========================================  ==================================

Every answer carries ``Deprecation``, ``Sunset`` (RFC 8594) and ``Link`` headers, and every use is
logged with its user. What has no sunset date is not to be removed, so blackout tests spare it.

The kernel and plugins announce in the same way: :func:`deprecate` a blueprint, mark a view as
:func:`deprecated`, or report :func:`note_deprecated_fields` of a request. An operation that does
the latter declares ``errors={410: ()}``, unless its schema says which fields are deprecated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any, Literal, TypedDict, TypeVar, Unpack

from flask import Blueprint, Flask, Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import Gone

from fmhost.auth.login import logged_in_user
from fmhost.errors import ConfigurationError, FmhostError
from fmhost.settings import Settings

logger = logging.getLogger("fmhost.requests")

Stage = Literal["deprecated", "sunset", "removed"]
#: A name that does not clash with the fields called so.
Day = date
Target = TypeVar("Target", bound=Blueprint | Callable[..., Any])

_MARK = "fmhost_deprecation"
_ACTIVE = "FLEXMEASURES_API_SUNSET_ACTIVE"


class Announcement(TypedDict, total=False):
    """What is announced; see :class:`Deprecation`."""

    date: Day | None
    link: str | None
    sunset_date: Day | None
    sunset_link: str | None
    links: Mapping[str, str]
    stage: Stage
    message: str


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Something is deprecated.

    :param date: since when; None where that is not known.
    :param link: a page about it; one that begins with a slash is on this server.
    :param sunset_date: when it is to answer 410; None where it is to stay.
    :param sunset_link: a page about that.
    :param links: other pages and endpoints by relation: ``successor-version``, ``latest-version``
        or ``alternate``.
    :param stage: how far it is.
    :param message: what clients are told once it is gone, without the link.
    """

    date: Day | None = None
    link: str | None = None
    sunset_date: Day | None = None
    sunset_link: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    stage: Stage = "deprecated"
    message: str = ""

    @property
    def may_be_gone(self) -> bool:
        """Whether the setting of a host can make it answer 410."""
        return self.stage != "deprecated" or self.sunset_date is not None

    def is_gone(self, active: bool | None) -> bool:
        """Whether it answers 410.

        :param active: what the host has set, if anything.
        """
        if self.stage == "removed":
            return True
        return self.may_be_gone and (self.stage == "sunset" if active is None else active)


@dataclass(frozen=True, slots=True)
class _Policy:
    """What the host has set."""

    active: bool | None
    sunset_date: Day | None
    sunset_link: str | None

    @classmethod
    def of(cls, settings: Settings) -> _Policy:
        text = settings["FLEXMEASURES_API_SUNSET_DATE"]
        try:
            sunset_date = None if text is None else date.fromisoformat(text)
        except ValueError as error:
            raise ConfigurationError(
                f"FLEXMEASURES_API_SUNSET_DATE is '{text}', which is no date.",
                field="FLEXMEASURES_API_SUNSET_DATE",
                hint="Write it as 2030-01-31.",
            ) from error
        is_set = settings.source(_ACTIVE) != "default"
        return cls(
            active=settings[_ACTIVE] if is_set else None,
            sunset_date=sunset_date,
            sunset_link=settings["FLEXMEASURES_API_SUNSET_LINK"],
        )


@dataclass(frozen=True, slots=True)
class _Use:
    """What a request uses: an endpoint, or fields of it."""

    deprecation: Deprecation
    fields: tuple[str, ...] = ()


def deprecate(target: Target, **announcement: Unpack[Announcement]) -> Target:
    """Announce that a blueprint or a view is deprecated; returns it.

    A blueprint has to be told before it is registered, a view before it becomes an operation or a
    route; see :class:`Deprecation` for the arguments.
    """
    setattr(target, _MARK, Deprecation(**announcement))
    return target


def deprecated(**announcement: Unpack[Announcement]) -> Callable[[Target], Target]:
    """The same as a decorator of a view, written below the one that makes it a route."""

    def mark(target: Target) -> Target:
        return deprecate(target, **announcement)

    return mark


def note_deprecated_fields(fields: Iterable[str], **announcement: Unpack[Announcement]) -> None:
    """Report that the request has deprecated fields; its answer is to say so. None is no use.

    :param fields: their names, as the client wrote them.
    :raises Gone: where they are gone: the answer is 410.
    """
    found = tuple(fields)
    if found:
        _note(_Use(Deprecation(**announcement), found))


def deprecation_of(app: Flask, endpoint: str | None) -> Deprecation | None:
    """What is announced about an endpoint, or about a blueprint that it is in."""
    view = app.view_functions.get(endpoint or "")
    found: Deprecation | None = getattr(view, _MARK, None)
    name = endpoint or ""
    while found is None and "." in name:
        name = name.rpartition(".")[0]
        found = getattr(app.blueprints.get(name), _MARK, None)
    return found


def watch_deprecations(app: Flask, settings: Settings) -> None:
    """Announce in answers what requests use, and refuse what is gone.

    :raises ConfigurationError: where FLEXMEASURES_API_SUNSET_DATE is no date.
    """
    policy = _Policy.of(settings)
    app.extensions["fmhost_sunset"] = policy

    @app.before_request
    def check() -> None:
        found = deprecation_of(current_app, request.endpoint)
        # A browser that may not ask beforehand would not show the answer to its page.
        if found is not None and request.method != "OPTIONS":
            _note(_Use(found))

    @app.after_request
    def announce(response: Response) -> Response:
        uses: list[_Use] = g.get("deprecated_uses", [])
        if uses:
            _set_headers(response, [use.deprecation for use in uses], policy)
        for use in uses:
            _log(use)
        return response


def _note(use: _Use) -> None:
    """Remember the use for the headers, whatever the answer will be.

    :raises Gone: where it is gone.
    """
    g.setdefault("deprecated_uses", []).append(use)
    policy: _Policy = current_app.extensions["fmhost_sunset"]
    if use.deprecation.is_gone(policy.active):
        raise Gone(_farewell(use, policy))


def _farewell(use: _Use, policy: _Policy) -> str:
    deprecation = use.deprecation
    what = f"The use of {', '.join(use.fields)} here" if use.fields else "This endpoint"
    message = deprecation.message or f"{what} has been sunset."
    link = policy.sunset_link or deprecation.sunset_link or deprecation.link
    return f"{message} See {_absolute(link)} for more information." if link else message


def _set_headers(response: Response, deprecations: list[Deprecation], policy: _Policy) -> None:
    dates = [each.date for each in deprecations if each.date is not None]
    response.headers["Deprecation"] = _last_second_before(min(dates)) if dates else "true"
    sunsets = [
        policy.sunset_date or each.sunset_date
        for each in deprecations
        if each.sunset_date is not None
    ]
    if sunsets:
        response.headers["Sunset"] = _last_second_before(min(filter(None, sunsets)))
    links = (link for each in deprecations for link in _links(each, policy))
    for relation, link in dict.fromkeys(links):
        kind = '; type="text/html"' if relation in ("deprecation", "sunset") else ""
        response.headers.add("Link", f'<{_absolute(link)}>; rel="{relation}"{kind}')


def _links(deprecation: Deprecation, policy: _Policy) -> Iterable[tuple[str, str]]:
    if deprecation.link:
        yield "deprecation", deprecation.link
    sunset_link = policy.sunset_link or deprecation.sunset_link
    if sunset_link and deprecation.may_be_gone:
        yield "sunset", sunset_link
    yield from deprecation.links.items()


def _absolute(link: str) -> str:
    return request.url_root.rstrip("/") + link if link.startswith("/") else link


def _last_second_before(day: date) -> str:
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    return format_datetime(midnight - timedelta(seconds=1), usegmt=True)


def _log(use: _Use) -> None:
    endpoint = f"{request.method} {request.url_rule or request.path}"
    if use.fields:
        names = ", ".join(use.fields)
        logger.warning(
            "Endpoint %s called by %s with deprecated fields: %s", endpoint, _who(), names
        )
    else:
        logger.warning("Deprecated endpoint %s called by %s", endpoint, _who())


def _who() -> str:
    try:
        user = logged_in_user()
    except (FmhostError, SQLAlchemyError):
        user = None  # whatever is the matter with the database, others will tell
    return "nobody who is logged in" if user is None else f"user {user.id}"
