"""Import the module of a listed plugin, from a folder or from what is installed."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

from fmhost.errors import PluginError


def import_entry(entry: str, name: str) -> ModuleType:
    """The plugin's module.

    An entry that looks like a path means that folder; any other an installed module, or else a
    folder of that name in the working directory.
    """
    folder = Path(entry).expanduser().absolute()
    if os.sep in entry or entry.startswith((".", "~")):
        if not folder.exists():
            raise PluginError(
                f"FLEXMEASURES_PLUGINS lists {entry}, and there is no such folder.",
                hint="Correct the path; a relative one starts at the working directory.",
            )
        return _import_folder(folder, name)
    if _is_installed(entry):
        return importlib.import_module(entry)
    if folder.exists():
        return _import_folder(folder, name)
    raise PluginError(
        f"Attempted to import module {entry} (as it is not a valid file path), but it is not "
        "installed.",
        hint="Install it, or list the path of its folder.",
    )


def _is_installed(module: str) -> bool:
    parent, _, _ = module.rpartition(".")
    if parent and not _is_installed(parent):
        return False
    return importlib.util.find_spec(module) is not None


def _import_folder(folder: Path, name: str) -> ModuleType:
    """Execute the folder's ``__init__.py`` as the module `name`, once per process."""
    file = Path(os.path.normpath(folder)) / "__init__.py"
    if not file.is_file():
        raise PluginError(
            f"Plugin {name} is a valid file path, but does not contain an '__init__.py' file. "
            f"Cannot load plugin {name}.",
            hint=f"Add the file, or take {folder} off FLEXMEASURES_PLUGINS.",
        )
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(file):
        return known
    if known is not None:
        raise PluginError(
            f"There is another module named '{name}' already ({known}).",
            hint=f"Rename the folder {folder}.",
        )
    spec = importlib.util.spec_from_file_location(
        name, file, submodule_search_locations=[str(file.parent)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
