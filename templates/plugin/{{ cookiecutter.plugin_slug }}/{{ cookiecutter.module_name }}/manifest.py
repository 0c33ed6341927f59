"""What the plugin offers; fmhost reads this at every start, so that it imports nothing heavy."""

from __future__ import annotations

from fmhost.plugin import Command, CommandGroup, Driver, Manifest, MenuEntry, Pages

manifest = Manifest(
    name="{{ cookiecutter.plugin_slug }}",
    plugin_api=">=1.0,<2",
    # The page stands in the frame that the built-in pages have.
    requires=("ui",),
    schedulers={
        "{{ cookiecutter.__class_prefix }}Scheduler": Driver(
            target="{{ cookiecutter.module_name }}.scheduler:{{ cookiecutter.__class_prefix }}Scheduler",
        ),
    },
    forecasters={
        "{{ cookiecutter.__class_prefix }}Forecaster": Driver(
            target="{{ cookiecutter.module_name }}.forecaster:{{ cookiecutter.__class_prefix }}Forecaster",
        ),
    },
    groups=(
        CommandGroup(
            path="{{ cookiecutter.plugin_slug }}",
            help="Work with {{ cookiecutter.plugin_name }}.",
        ),
    ),
    commands=(
        Command(
            path="{{ cookiecutter.plugin_slug }} notes",
            target="{{ cookiecutter.module_name }}.commands:list_notes",
            help="List the notes on all sensors.",
        ),
    ),
    pages=(
        Pages(
            target="{{ cookiecutter.module_name }}.pages:blueprint",
            routes=("/{{ cookiecutter.plugin_slug }}",),
        ),
        Pages(
            target="{{ cookiecutter.module_name }}.api:api",
            routes=("/api/v3_0/{{ cookiecutter.plugin_slug }}/notes",),
        ),
    ),
    menu=(
        MenuEntry(
            key="{{ cookiecutter.module_name }}.page",
            url="/{{ cookiecutter.plugin_slug }}",
            title="{{ cookiecutter.plugin_name }}",
        ),
    ),
    settings="{{ cookiecutter.module_name }}.settings:SETTINGS",
    setting_names=(
        "{{ cookiecutter.__setting_prefix }}_TOKEN",
        "{{ cookiecutter.__setting_prefix }}_NOTES_PER_SENSOR",
    ),
    migrations="{{ cookiecutter.module_name }}:migrations",
    table_prefix="{{ cookiecutter.module_name }}_",
    hooks="{{ cookiecutter.module_name }}.hooks",
)
