"""Automations: schedules, forecasts and other jobs that recur, per asset.

A run is asked for exactly as a person asks for it, with the rights of who set the automation up,
and begins at the time at which it is due. Runs that were missed, because nobody looked after the
jobs, are caught up by one: the latest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmhost.auth.policy import Permission, check_access
from fmhost.domain.durations import parse_duration
from fmhost.domain.offsets import moved
from fmhost.domain.recurrence import Cron, Every, Recurrence
from fmhost.domain.zones import time_zone
from fmhost.errors import FmhostError, InvalidInput, NotAuthorized, NotFound
from fmhost.model import Asset, Automation, Job, Sensor, User
from fmhost.model.automations import active_automations, move_on
from fmhost.model.job import describe_error
from fmhost.services import forecasts, reports, schedules
from fmhost.services.installation import Installation

logger = logging.getLogger("fmhost.jobs")

#: A clock that is put back by less than that does not make what has run due again.
_SMALL_STEP: Final = timedelta(hours=1)

#: Asks for one job: installation, session, automation, when it is due, and on whose behalf.
Request = Callable[[Installation, Session, Automation, datetime, User | None], Job]


def _schedule(
    installation: Installation,
    session: Session,
    automation: Automation,
    due: datetime,
    user: User | None,
) -> Job:
    given = dict(automation.parameters)
    target = automation.sensor or automation.asset
    return schedules.trigger(
        installation,
        session,
        target=target,
        start=due + _lead(given),
        duration=_duration(given, "duration"),
        resolution=_duration(given, "resolution"),
        requester=user,
        force_new=True,
        **_known(given, "flex_model", "flex_context", "scheduler", "sequential"),
    )


def _forecast(
    installation: Installation,
    session: Session,
    automation: Automation,
    due: datetime,
    user: User | None,
) -> Job:
    given = dict(automation.parameters)
    if automation.sensor is None:
        raise InvalidInput("A forecast is about a sensor.", field="sensor")
    return forecasts.trigger(
        installation,
        session,
        sensor=automation.sensor,
        start=due + _lead(given),
        duration=_duration(given, "duration"),
        max_forecast_horizon=_duration(given, "max_forecast_horizon"),
        forecast_frequency=_duration(given, "forecast_frequency"),
        requester=user,
        **_known(given, "config", "probabilistic", "sensor_to_save", "forecaster"),
    )


def _report(
    installation: Installation,
    session: Session,
    automation: Automation,
    due: datetime,
    user: User | None,
) -> Job:
    given = dict(automation.parameters)
    known = _known(
        given,
        *("reporter", "config", "save_config", "parameters", "start_offset", "end_offset"),
    )
    zone = ZoneInfo(automation.timezone)
    start = moved(due, str(known.pop("start_offset", "-1D,DB")), zone, field="start_offset")
    end = moved(due, str(known.pop("end_offset", "DB")), zone, field="end_offset")
    duration = _duration(given, "duration")
    if duration is not None:
        start = due + _lead(given)
        end = start + duration
    parameters = known.pop("parameters", {})
    if not isinstance(parameters, Mapping):
        raise InvalidInput("These must be an object.", field="parameters.parameters")
    window = {"start": start.isoformat(), "end": end.isoformat()}
    return reports.trigger(
        installation, session, parameters={**parameters, **window}, requester=user, **known
    )


#: How jobs of each kind are asked for.
KINDS: Mapping[str, Request] = {
    schedules.KIND: _schedule,
    forecasts.KIND: _forecast,
    reports.KIND: _report,
}


def create(
    installation: Installation,
    session: Session,
    *,
    name: str,
    kind: str,
    asset: Asset,
    sensor: Sensor | None = None,
    parameters: Mapping[str, Any] | None = None,
    cron: str | None = None,
    interval: str | None = None,
    timezone: str | None = None,
    starts_at: datetime | None = None,
    priority: int = 0,
    user: User | None = None,
) -> Automation:
    """Set an automation up; the caller commits. What it will ask for is checked now.

    :param kind: ``schedule``, ``forecast`` or ``report``.
    :param sensor: which the jobs are about, one of the asset's; None for the asset itself.
    :param parameters: of the request, as JSON, durations in ISO 8601: ``duration``,
        ``resolution``, ``flex_model``, ``flex_context``, ``scheduler``, ``sequential``; or those
        of a forecast. ``lead``: how long after the due time what is computed begins. Of a report:
        ``reporter``, ``config``, ``save_config``, ``parameters`` (``input``, ``output`` ...), and
        ``start_offset`` and ``end_offset``, from the due time; the default is the day before.
    :param cron: five fields; else `interval`, an ISO 8601 duration.
    :param timezone: on whose clock; default that of the sensor, else of the server.
    :param starts_at: an aware moment: the first time of an interval, default the next midnight.
    :param user: with whose rights; None for the operator.
    :raises InvalidInput: naming the field.
    """
    if kind not in KINDS:
        raise InvalidInput(
            f"There are no automations of kind '{kind}'.",
            field="kind",
            hint=f"Available: {', '.join(sorted(KINDS))}.",
        )
    if sensor is not None and sensor.generic_asset_id != asset.id:
        raise InvalidInput(f"Sensor {sensor.id} is not one of asset {asset.id}.", field="sensor")
    now = installation.now()
    zone_name = timezone or (sensor.timezone if sensor else _zone_of_server(installation))
    zone = time_zone(zone_name, field="timezone")
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    automation = Automation(
        name=name,
        kind=kind,
        asset=asset,
        sensor=sensor,
        parameters=_named(parameters or {}),
        cron=cron,
        interval=interval,
        timezone=zone_name,
        starts_at=starts_at or midnight,
        priority=priority,
        active=True,
        by_operator=user is None,
        user=user,
        created_at=now,
        next_at=now,
    )
    automation.next_at = recurrence(automation).next_after(now, zone)
    session.add(automation)
    session.flush()
    check(installation, session, automation)
    return automation


def change(
    installation: Installation, session: Session, automation: Automation, **changes: Any
) -> None:
    """Change what recurs or when, or switch it on or off (`active`); the caller commits.

    :raises InvalidInput: naming the field.
    """
    if changes.get("cron"):
        changes.setdefault("interval", None)
    elif changes.get("interval"):
        changes.setdefault("cron", None)
    if "parameters" in changes:
        changes["parameters"] = _named(changes["parameters"])
    for name, value in changes.items():
        setattr(automation, name, value)
    zone = time_zone(automation.timezone, field="timezone")
    automation.next_at = recurrence(automation).next_after(installation.now(), zone)
    session.flush()
    if automation.active:
        check(installation, session, automation)
        automation.error = None


def check(installation: Installation, session: Session, automation: Automation) -> None:
    """See that its jobs can be asked for; nothing is left of the one that is tried.

    :raises InvalidInput: naming the field.
    """
    attempt = session.begin_nested()
    try:
        _request(installation, session, automation, automation.next_at)
    except TypeError as error:
        raise InvalidInput(f"These are no parameters: {error}.", field="parameters") from error
    finally:
        attempt.rollback()


def recurrence(automation: Automation) -> Recurrence:
    """When it recurs.

    :raises InvalidInput: where that cannot be told.
    """
    if (automation.cron is None) == (automation.interval is None):
        raise InvalidInput("Give either a cron expression or an interval.", field="cron")
    if automation.cron is not None:
        return Cron.parse(automation.cron, field="cron")
    return Every.parse(str(automation.interval), automation.starts_at, field="interval")


def get_automation(session: Session, automation_id: int) -> Automation:
    """The automation with that id.

    :raises NotFound: where there is none.
    """
    automation = session.get(Automation, automation_id)
    if automation is None:
        raise NotFound(f"There is no automation with ID {automation_id}.", field="id")
    return automation


def list_automations(session: Session) -> list[Automation]:
    """All of them, by id."""
    return list(session.scalars(select(Automation).order_by(Automation.id)))


def of_asset(session: Session, asset: Asset) -> list[Automation]:
    """The automations of an asset, and of its sensors."""
    query = select(Automation).where(Automation.asset_id == asset.id).order_by(Automation.id)
    return list(session.scalars(query))


def run_due(installation: Installation) -> list[str]:
    """Ask for the jobs of all automations that are due; ids of the jobs, to be dispatched.

    One transaction each. Of several processes that try, one succeeds.
    """
    with installation.database.reading() as session:
        found = active_automations(session)
    job_ids = []
    for automation in found:
        now = installation.now()
        try:
            following = _following(automation, now)
        except FmhostError as error:
            logger.error("The automation %s cannot be understood: %s", automation.id, error)
            continue
        if automation.next_at <= now:
            job_ids += _run_one(installation, automation.id, following, now)
        elif following < automation.next_at:  # the clock was ahead when that was written
            with installation.database.transaction() as session:
                move_on(session, automation, following)
    return job_ids


def run_now(installation: Installation, session: Session, automation: Automation) -> Job:
    """Ask for one run at once, beside the others; the caller commits, and then dispatches it.

    :raises InvalidInput: naming the field.
    """
    return _request(installation, session, automation, installation.now())


def _run_one(
    installation: Installation, automation_id: int, following: datetime, now: datetime
) -> list[str]:
    """Ask for the latest of the runs that are due, or note why that cannot be."""
    with installation.database.transaction() as session:
        automation = session.get(Automation, automation_id)
        if automation is None or not automation.active or automation.next_at > now:
            return []
        due = _latest_due(automation, now)
        if not move_on(session, automation, following, last_due_at=due):
            return []  # somebody else was faster
        attempt = session.begin_nested()
        try:
            job = _request(installation, session, automation, due)
            attempt.commit()
        except FmhostError as error:
            attempt.rollback()
            logger.warning("The automation %s cannot run: %s", automation_id, error)
            automation = session.get_one(Automation, automation_id)
            automation.error = describe_error(error)
            return []
        automation.error, automation.last_job_id = None, job.id
        return [job.id]


def _following(automation: Automation, now: datetime) -> datetime:
    """When it is due after `now`, or after its last run where the clock was put back a little."""
    last = automation.last_due_at
    since = last if last is not None and now < last <= now + _SMALL_STEP else now
    return recurrence(automation).next_after(since, ZoneInfo(automation.timezone))


def _latest_due(automation: Automation, now: datetime) -> datetime:
    """The latest time up to now at which it was due."""
    recurs, zone = recurrence(automation), ZoneInfo(automation.timezone)
    due = automation.next_at
    # What was missed may be much: look back from now in steps that double.
    back = timedelta(minutes=2)
    while now - back > due:
        found = recurs.next_after(now - back, zone)
        if found <= now:
            due = found
            break
        back *= 2
    while (after := recurs.next_after(due, zone)) <= now:
        due = after
    return due


def _request(
    installation: Installation, session: Session, automation: Automation, due: datetime
) -> Job:
    user = automation.user
    if user is None and not automation.by_operator:
        raise NotAuthorized(
            f"The user who set up the automation '{automation.name}' has been deleted.",
            hint="Set it up again in the name of somebody else.",
        )
    if user is not None and not user.active:
        raise NotAuthorized(f"The user {user.email}, who set up the automation, is not active.")
    if user is not None:
        check_access(user, automation.sensor or automation.asset, Permission.CREATE_CHILDREN)
    job = KINDS[automation.kind](installation, session, automation, due, user)
    job.priority = automation.priority
    job.meta = {**job.meta, "automation": automation.id, "due": due.isoformat()}
    session.flush()
    return job


def _known(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    unknown = set(given) - {*names, *_TIMES}
    if unknown:
        raise InvalidInput(
            f"There is no parameter '{sorted(unknown)[0]}'.",
            field="parameters",
            hint=f"Available: {', '.join(sorted({*names, *_TIMES}))}.",
        )
    return {name: given[name] for name in names if name in given}


#: Parameters that are durations.
_TIMES: Final = ("lead", "duration", "resolution", "max_forecast_horizon", "forecast_frequency")


def _named(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """With the names that are ours: ``flex-model`` is ``flex_model``."""
    return {name.replace("-", "_"): value for name, value in parameters.items()}


def _duration(given: Mapping[str, Any], name: str) -> timedelta | None:
    value = given.get(name)
    return None if value is None else parse_duration(str(value), field=name).fixed()


def _lead(given: Mapping[str, Any]) -> timedelta:
    return _duration(given, "lead") or timedelta(0)


def _zone_of_server(installation: Installation) -> str:
    return str(installation.settings["FLEXMEASURES_TIMEZONE"])
