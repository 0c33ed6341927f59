"""What the storage plugin offers."""

from __future__ import annotations

from fmhost.plugin import Driver, Manifest

manifest = Manifest(
    name="storage",
    schedulers={
        "StorageScheduler": Driver(
            "fmhost_storage.scheduler:StorageScheduler",
            asset_types=("battery", "one-way_evse", "two-way_evse", "heat-storage"),
        ),
        "StorageFallbackScheduler": Driver("fmhost_storage.fallback:StorageFallbackScheduler"),
    },
)
