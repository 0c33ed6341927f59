"""The storage scheduler does what every scheduler has to do."""

from __future__ import annotations

from fmhost.testing import SchedulerConformance
from fmhost_storage.scheduler import StorageScheduler


class TestStorageScheduler(SchedulerConformance):
    scheduler = StorageScheduler
