"""The door for plugin authors: every name here is documented and covered by the plugin-API version.

A plugin imports from this module (and from :mod:`fmhost.testing` in its tests), never from the
kernel's other modules. Names are looked up when they are first used, so that a manifest module can
import :class:`Manifest` without loading SQLAlchemy or numpy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fmhost.api import loaders as loaders
    from fmhost.api import web as web
    from fmhost.api.deprecation import deprecate as deprecate
    from fmhost.api.deprecation import deprecated as deprecated
    from fmhost.api.deprecation import note_deprecated_fields as note_deprecated_fields
    from fmhost.api.errors import DomainRejection as DomainRejection
    from fmhost.api.operations import Resource as Resource
    from fmhost.api.web import render_flexmeasures_template as render_flexmeasures_template
    from fmhost.auth.decorators import account_roles_accepted as account_roles_accepted
    from fmhost.auth.decorators import account_roles_required as account_roles_required
    from fmhost.auth.decorators import (
        permission_required_for_context as permission_required_for_context,
    )
    from fmhost.auth.decorators import roles_accepted as roles_accepted
    from fmhost.auth.decorators import roles_required as roles_required
    from fmhost.auth.policy import Permission as Permission
    from fmhost.auth.policy import check_access as check_access
    from fmhost.cli.context import current_installation as current_installation
    from fmhost.cli.context import current_program as current_program
    from fmhost.cli.parameters import Checked as Checked
    from fmhost.cli.task_status import task_with_status_report as task_with_status_report
    from fmhost.cli.typed_options import AssetIdField as AssetIdField
    from fmhost.cli.typed_options import AwareDateTimeField as AwareDateTimeField
    from fmhost.cli.typed_options import DataSourceIdField as DataSourceIdField
    from fmhost.cli.typed_options import DurationField as DurationField
    from fmhost.cli.typed_options import MarshmallowClickMixin as MarshmallowClickMixin
    from fmhost.cli.typed_options import SensorIdField as SensorIdField
    from fmhost.cli.typed_options import TimeZoneField as TimeZoneField
    from fmhost.cli.typed_options import UnitField as UnitField
    from fmhost.domain import axes as axes
    from fmhost.domain import common_units as common_units
    from fmhost.domain import offsets as offsets
    from fmhost.domain import units as units
    from fmhost.domain import value_patterns as value_patterns
    from fmhost.domain.durations import Span as Span
    from fmhost.domain.durations import format_duration as format_duration
    from fmhost.domain.durations import parse_duration as parse_duration
    from fmhost.domain.flexibility import Alternative as Alternative
    from fmhost.domain.flexibility import Forecaster as Forecaster
    from fmhost.domain.flexibility import ForecastResult as ForecastResult
    from fmhost.domain.flexibility import ForecastTask as ForecastTask
    from fmhost.domain.flexibility import Scheduler as Scheduler
    from fmhost.domain.flexibility import ScheduleResult as ScheduleResult
    from fmhost.domain.flexibility import SeriesReader as SeriesReader
    from fmhost.domain.moments import parse_moment as parse_moment
    from fmhost.domain.reporting import Reporter as Reporter
    from fmhost.domain.reporting import ReportInput as ReportInput
    from fmhost.domain.reporting import ReportOutput as ReportOutput
    from fmhost.domain.reporting import ReportResult as ReportResult
    from fmhost.domain.reporting import ReportTask as ReportTask
    from fmhost.domain.reporting import totals as totals
    from fmhost.domain.zones import time_zone as time_zone
    from fmhost.errors import ComputationFailed as ComputationFailed
    from fmhost.errors import ConfigurationError as ConfigurationError
    from fmhost.errors import Conflict as Conflict
    from fmhost.errors import DatabaseNotReady as DatabaseNotReady
    from fmhost.errors import FmhostError as FmhostError
    from fmhost.errors import InfeasibleProblem as InfeasibleProblem
    from fmhost.errors import InvalidInput as InvalidInput
    from fmhost.errors import NotFound as NotFound
    from fmhost.errors import RefuseStartup as RefuseStartup
    from fmhost.errors import ReplacementNotAllowed as ReplacementNotAllowed
    from fmhost.errors import TemporaryFailure as TemporaryFailure
    from fmhost.errors import UnitMismatch as UnitMismatch
    from fmhost.errors import UnknownPrices as UnknownPrices
    from fmhost.host.health import HealthCheck as HealthCheck
    from fmhost.host.hookspecs import hookimpl as hookimpl
    from fmhost.host.host import Host as Host
    from fmhost.host.manifest import Command as Command
    from fmhost.host.manifest import CommandGroup as CommandGroup
    from fmhost.host.manifest import Driver as Driver
    from fmhost.host.manifest import Manifest as Manifest
    from fmhost.host.manifest import MenuEntry as MenuEntry
    from fmhost.host.manifest import Pages as Pages
    from fmhost.host.page_parts import Panel as Panel
    from fmhost.host.page_parts import Tab as Tab
    from fmhost.jobs.dispatch import dispatch as dispatch
    from fmhost.jobs.dispatch import queue_of as queue_of
    from fmhost.jobs.execute import execute as execute
    from fmhost.jobs.queues import QUEUES as QUEUES
    from fmhost.jobs.queues import parse_queues as parse_queues
    from fmhost.model import Account as Account
    from fmhost.model import AccountRole as AccountRole
    from fmhost.model import Asset as Asset
    from fmhost.model import AssetType as AssetType
    from fmhost.model import Automation as Automation
    from fmhost.model import Job as Job
    from fmhost.model import JobProgress as JobProgress
    from fmhost.model import JobState as JobState
    from fmhost.model import Role as Role
    from fmhost.model import Sensor as Sensor
    from fmhost.model import Source as Source
    from fmhost.model import User as User
    from fmhost.model import migrations as migrations
    from fmhost.model import schema_changes as schema_changes
    from fmhost.model.seeds import add_initial_structure as add_initial_structure
    from fmhost.schemas import fields as fields
    from fmhost.schemas import forecast_fields as forecast_fields
    from fmhost.schemas.reports import ReportParametersSchema as ReportParametersSchema
    from fmhost.services import account_changes as account_changes
    from fmhost.services import account_lists as account_lists
    from fmhost.services import accounts as accounts
    from fmhost.services import api_keys as api_keys
    from fmhost.services import asset_status as asset_status
    from fmhost.services import assets as assets
    from fmhost.services import attributes as attributes
    from fmhost.services import audit as audit
    from fmhost.services import automations as automations
    from fmhost.services import backups as backups
    from fmhost.services import belief_files as belief_files
    from fmhost.services import belief_removal as belief_removal
    from fmhost.services import chart_pictures as chart_pictures
    from fmhost.services import charted as charted
    from fmhost.services import device_plans as device_plans
    from fmhost.services import driver_use as driver_use
    from fmhost.services import emptying as emptying
    from fmhost.services import entity_lists as entity_lists
    from fmhost.services import evaluations as evaluations
    from fmhost.services import explanations as explanations
    from fmhost.services import forecasts as forecasts
    from fmhost.services import histories as histories
    from fmhost.services import job_control as job_control
    from fmhost.services import job_lists as job_lists
    from fmhost.services import job_records as job_records
    from fmhost.services import job_states as job_states
    from fmhost.services import latest_powers as latest_powers
    from fmhost.services import listing as listing
    from fmhost.services import outlook as outlook
    from fmhost.services import overview as overview
    from fmhost.services import plans as plans
    from fmhost.services import plots as plots
    from fmhost.services import plotted as plotted
    from fmhost.services import plugin_tables as plugin_tables
    from fmhost.services import queues as queues
    from fmhost.services import readings as readings
    from fmhost.services import recording as recording
    from fmhost.services import removals as removals
    from fmhost.services import reports as reports
    from fmhost.services import resampling as resampling
    from fmhost.services import results as results
    from fmhost.services import role_permissions as role_permissions
    from fmhost.services import roles as roles
    from fmhost.services import rolling_forecasts as rolling_forecasts
    from fmhost.services import schedules as schedules
    from fmhost.services import sensors as sensors
    from fmhost.services import soc_limits as soc_limits
    from fmhost.services import sources as sources
    from fmhost.services import statistics as statistics
    from fmhost.services import stored_secrets as stored_secrets
    from fmhost.services import structure as structure
    from fmhost.services import toy as toy
    from fmhost.services import toy_reports as toy_reports
    from fmhost.services import transfers as transfers
    from fmhost.services import upload_previews as upload_previews
    from fmhost.services import uploads as uploads
    from fmhost.services import user_administration as user_administration
    from fmhost.services import user_lists as user_lists
    from fmhost.services import users as users
    from fmhost.services import watching as watching
    from fmhost.services.annotations import ANNOTATION_TYPES as ANNOTATION_TYPES
    from fmhost.services.annotations import Remark as Remark
    from fmhost.services.annotations import annotate as annotate
    from fmhost.services.installation import Installation as Installation
    from fmhost.services.plugin_structure import add_structure as add_structure
    from fmhost.services.progress import report_progress as report_progress
    from fmhost.settings import Setting as Setting
    from fmhost.settings import create_secret_key as create_secret_key
    from fmhost.settings.container_types import Dictionary as Dictionary
    from fmhost.settings.container_types import ListOf as ListOf
    from fmhost.settings.time_types import Duration as Duration
    from fmhost.settings.value_types import Boolean as Boolean
    from fmhost.settings.value_types import Integer as Integer
    from fmhost.settings.value_types import Number as Number
    from fmhost.settings.value_types import OrNone as OrNone
    from fmhost.settings.value_types import Text as Text
    from fmhost.telemetry import metrics as metrics
    from fmhost.telemetry.logs import logs_written as logs_written

#: Where each public name lives.
_HOME = {
    # what a manifest is made of
    "Manifest": "fmhost.host.manifest",
    "Driver": "fmhost.host.manifest",
    "Command": "fmhost.host.manifest",
    "CommandGroup": "fmhost.host.manifest",
    "Pages": "fmhost.host.manifest",
    "MenuEntry": "fmhost.host.manifest",
    # settings
    "Setting": "fmhost.settings",
    "Text": "fmhost.settings.value_types",
    "Boolean": "fmhost.settings.value_types",
    "Integer": "fmhost.settings.value_types",
    "Number": "fmhost.settings.value_types",
    "Duration": "fmhost.settings.time_types",
    "OrNone": "fmhost.settings.value_types",
    "ListOf": "fmhost.settings.container_types",
    "Dictionary": "fmhost.settings.container_types",
    # contracts
    "Alternative": "fmhost.domain.flexibility",
    "Scheduler": "fmhost.domain.flexibility",
    "ScheduleResult": "fmhost.domain.flexibility",
    "Forecaster": "fmhost.domain.flexibility",
    "ForecastResult": "fmhost.domain.flexibility",
    "ForecastTask": "fmhost.domain.flexibility",
    "Reporter": "fmhost.domain.reporting",
    "ReportInput": "fmhost.domain.reporting",
    "ReportOutput": "fmhost.domain.reporting",
    "ReportParametersSchema": "fmhost.schemas.reports",
    "ReportResult": "fmhost.domain.reporting",
    "ReportTask": "fmhost.domain.reporting",
    "totals": "fmhost.domain.reporting",
    "SeriesReader": "fmhost.domain.flexibility",
    # hooks
    "hookimpl": "fmhost.host.hookspecs",
    "HealthCheck": "fmhost.host.health",
    "Panel": "fmhost.host.page_parts",
    "Tab": "fmhost.host.page_parts",
    "Host": "fmhost.host.host",
    # time and units
    "parse_moment": "fmhost.domain.moments",
    "parse_duration": "fmhost.domain.durations",
    "format_duration": "fmhost.domain.durations",
    "Span": "fmhost.domain.durations",
    "time_zone": "fmhost.domain.zones",
    # entities
    "Account": "fmhost.model",
    "AccountRole": "fmhost.model",
    "Asset": "fmhost.model",
    "AssetType": "fmhost.model",
    "Automation": "fmhost.model",
    "Job": "fmhost.model",
    "JobProgress": "fmhost.model",
    "JobState": "fmhost.model",
    "Role": "fmhost.model",
    "Sensor": "fmhost.model",
    "Source": "fmhost.model",
    "User": "fmhost.model",
    # the installation
    "Installation": "fmhost.services.installation",
    "create_secret_key": "fmhost.settings",
    "add_initial_structure": "fmhost.model.seeds",
    "add_structure": "fmhost.services.plugin_structure",
    # jobs: `dispatch` hands a committed job to the queue, `execute` runs it here and now
    "dispatch": "fmhost.jobs.dispatch",
    "queue_of": "fmhost.jobs.dispatch",
    "execute": "fmhost.jobs.execute",
    "QUEUES": "fmhost.jobs.queues",
    "parse_queues": "fmhost.jobs.queues",
    "report_progress": "fmhost.services.progress",
    "logs_written": "fmhost.telemetry.logs",
    # resources of the API: `loaders` gets the entities that a request names, `fields` are those of
    # schemas, and `web` has the session and the user of the request
    "deprecate": "fmhost.api.deprecation",
    "deprecated": "fmhost.api.deprecation",
    "note_deprecated_fields": "fmhost.api.deprecation",
    "Resource": "fmhost.api.operations",
    "DomainRejection": "fmhost.api.errors",
    "Permission": "fmhost.auth.policy",
    # commands
    "Checked": "fmhost.cli.parameters",
    "current_program": "fmhost.cli.context",
    "current_installation": "fmhost.cli.context",
    # types of options: marshmallow fields that click takes
    "MarshmallowClickMixin": "fmhost.cli.typed_options",
    "AwareDateTimeField": "fmhost.cli.typed_options",
    "DurationField": "fmhost.cli.typed_options",
    "TimeZoneField": "fmhost.cli.typed_options",
    "UnitField": "fmhost.cli.typed_options",
    "SensorIdField": "fmhost.cli.typed_options",
    "AssetIdField": "fmhost.cli.typed_options",
    "DataSourceIdField": "fmhost.cli.typed_options",
    "task_with_status_report": "fmhost.cli.task_status",
    # views: who may see them, and their frame
    "render_flexmeasures_template": "fmhost.api.web",
    "permission_required_for_context": "fmhost.auth.decorators",
    "roles_accepted": "fmhost.auth.decorators",
    "roles_required": "fmhost.auth.decorators",
    "account_roles_accepted": "fmhost.auth.decorators",
    "account_roles_required": "fmhost.auth.decorators",
    "check_access": "fmhost.auth.policy",
    # errors
    "DatabaseNotReady": "fmhost.errors",
    "FmhostError": "fmhost.errors",
    "ConfigurationError": "fmhost.errors",
    "InvalidInput": "fmhost.errors",
    "UnitMismatch": "fmhost.errors",
    "NotFound": "fmhost.errors",
    "Conflict": "fmhost.errors",
    "ReplacementNotAllowed": "fmhost.errors",
    "ComputationFailed": "fmhost.errors",
    "TemporaryFailure": "fmhost.errors",
    "UnknownPrices": "fmhost.errors",
    "InfeasibleProblem": "fmhost.errors",
    "RefuseStartup": "fmhost.errors",
    "ANNOTATION_TYPES": "fmhost.services.annotations",
    "Remark": "fmhost.services.annotations",
    "annotate": "fmhost.services.annotations",
}

#: Public modules: the use cases of one subject each, and what else is used as a whole. Each
#: function of a use case takes the installation, a session (or both), and says what it raises;
#: the caller opens the session with ``installation.database.transaction()`` or ``.reading()``.
_MODULES = {
    "account_changes": "fmhost.services.account_changes",
    "accounts": "fmhost.services.accounts",
    "plans": "fmhost.services.plans",
    "reports": "fmhost.services.reports",
    "resampling": "fmhost.services.resampling",
    "results": "fmhost.services.results",
    "stored_secrets": "fmhost.services.stored_secrets",
    "transfers": "fmhost.services.transfers",
    "uploads": "fmhost.services.uploads",
    "emptying": "fmhost.services.emptying",
    "removals": "fmhost.services.removals",
    "upload_previews": "fmhost.services.upload_previews",
    "latest_powers": "fmhost.services.latest_powers",
    "listing": "fmhost.services.listing",
    "job_lists": "fmhost.services.job_lists",
    "job_records": "fmhost.services.job_records",
    "histories": "fmhost.services.histories",
    "asset_status": "fmhost.services.asset_status",
    "account_lists": "fmhost.services.account_lists",
    "api_keys": "fmhost.services.api_keys",
    "assets": "fmhost.services.assets",
    "attributes": "fmhost.services.attributes",
    "audit": "fmhost.services.audit",
    "automations": "fmhost.services.automations",
    "backups": "fmhost.services.backups",
    "belief_files": "fmhost.services.belief_files",
    "chart_pictures": "fmhost.services.chart_pictures",
    "charted": "fmhost.services.charted",
    "belief_removal": "fmhost.services.belief_removal",
    "device_plans": "fmhost.services.device_plans",
    "driver_use": "fmhost.services.driver_use",
    "entity_lists": "fmhost.services.entity_lists",
    "explanations": "fmhost.services.explanations",
    "evaluations": "fmhost.services.evaluations",
    "forecast_fields": "fmhost.schemas.forecast_fields",
    "forecasts": "fmhost.services.forecasts",
    "job_control": "fmhost.services.job_control",
    "job_states": "fmhost.services.job_states",
    "outlook": "fmhost.services.outlook",
    "overview": "fmhost.services.overview",
    "plotted": "fmhost.services.plotted",
    "plots": "fmhost.services.plots",
    "plugin_tables": "fmhost.services.plugin_tables",
    "queues": "fmhost.services.queues",
    "readings": "fmhost.services.readings",
    "recording": "fmhost.services.recording",
    "role_permissions": "fmhost.services.role_permissions",
    "roles": "fmhost.services.roles",
    "rolling_forecasts": "fmhost.services.rolling_forecasts",
    "schedules": "fmhost.services.schedules",
    "sensors": "fmhost.services.sensors",
    "soc_limits": "fmhost.services.soc_limits",
    "sources": "fmhost.services.sources",
    "statistics": "fmhost.services.statistics",
    "structure": "fmhost.services.structure",
    "toy": "fmhost.services.toy",
    "toy_reports": "fmhost.services.toy_reports",
    "user_administration": "fmhost.services.user_administration",
    "user_lists": "fmhost.services.user_lists",
    "users": "fmhost.services.users",
    "watching": "fmhost.services.watching",
    "axes": "fmhost.domain.axes",
    "common_units": "fmhost.domain.common_units",
    "offsets": "fmhost.domain.offsets",
    "units": "fmhost.domain.units",
    "value_patterns": "fmhost.domain.value_patterns",
    "web": "fmhost.api.web",
    "loaders": "fmhost.api.loaders",
    "fields": "fmhost.schemas.fields",
    "metrics": "fmhost.telemetry.metrics",
    "migrations": "fmhost.model.migrations",
    "schema_changes": "fmhost.model.schema_changes",
}

__all__ = sorted({**_HOME, **_MODULES})


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value = importlib.import_module(_MODULES[name])
    elif name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
    else:
        raise AttributeError(f"fmhost.plugin has no name {name!r}; it offers {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
