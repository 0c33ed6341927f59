"""The settings that plugins bring, as part of the settings of the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fmhost.errors import ConfigurationError, PluginError
from fmhost.host.lifecycle import PluginRecord, Stage
from fmhost.host.listed.settings import check_settings
from fmhost.host.loading import import_target
from fmhost.settings import Setting, Settings


def configure(records: Sequence[PluginRecord], settings: Settings, *, budget: float) -> Settings:
    """The settings with those of the active plugins.

    A plugin fails whose declarations cannot be imported, are not what its manifest says, or have
    a value that does not fit.

    :param budget: limit on the import of one plugin's declarations [s].
    """
    for record in records:
        if not record.active or record.manifest is None:
            continue
        try:
            if record.manifest.settings is not None:
                settings = settings.extended(_declarations(record, budget))
            if record.listed:
                check_settings(record, settings)
        except ConfigurationError as error:
            record.fail(f"Its settings do not fit: {error.message}", error.hint or "")
        except PluginError as error:
            record.fail_by(error)
        else:
            record.stage = Stage.CONFIGURED
    return settings


def _declarations(record: PluginRecord, budget: float) -> Mapping[str, Setting]:
    assert record.manifest is not None
    assert record.manifest.settings is not None
    target = record.manifest.settings
    found = import_target(record, target, budget=budget)
    if not isinstance(found, Mapping) or not all(isinstance(s, Setting) for s in found.values()):
        raise PluginError(
            f"{target} is no mapping from setting names to fmhost.plugin.Setting.",
            hint=f"Install a version of {record.distribution} that fits fmhost.",
        )
    named = set(record.manifest.setting_names)
    if set(found) != named:
        differing = ", ".join(sorted(named ^ set(found)))
        raise PluginError(
            f"The manifest's `setting_names` and {target} differ: {differing}.",
            hint=f"Ask the author of {record.distribution} to name the same settings in both.",
        )
    return found
