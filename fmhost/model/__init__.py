"""Entities and their rules, and the database that keeps them.

Importing this package declares all tables of the kernel.
"""

from __future__ import annotations

from fmhost.model.accounts import Account, AccountRole
from fmhost.model.annotations import Annotation
from fmhost.model.api_keys import ApiKey
from fmhost.model.assets import Asset, AssetType
from fmhost.model.audit import AssetAuditLog, AuditLog
from fmhost.model.automations import Automation
from fmhost.model.base import Base
from fmhost.model.belief_summaries import belief_summaries
from fmhost.model.belief_table import beliefs
from fmhost.model.job import Job, JobState
from fmhost.model.job_progress import JobProgress
from fmhost.model.plans import Plan
from fmhost.model.sensors import Sensor
from fmhost.model.sources import Source
from fmhost.model.tasks import TaskRun
from fmhost.model.users import Role, User

__all__ = [
    "Account",
    "AccountRole",
    "Annotation",
    "ApiKey",
    "Asset",
    "AssetAuditLog",
    "AssetType",
    "AuditLog",
    "Automation",
    "Base",
    "Job",
    "JobProgress",
    "JobState",
    "Plan",
    "Role",
    "Sensor",
    "Source",
    "TaskRun",
    "User",
    "belief_summaries",
    "beliefs",
]
