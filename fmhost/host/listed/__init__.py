"""Plugins that the setting FLEXMEASURES_PLUGINS lists: folders, or modules without a manifest.

Such a plugin announces nothing. Its module is imported when fmhost starts, and a manifest is made
of what stands in the module: Blueprints with their pages and commands, scheduler, forecaster and
reporter classes, ``__version__`` and ``__settings__``. The rest of the host knows one kind of
plugin only.

Routes are not known before the Blueprints are registered with the application, so that contests
about them are found then.
"""
