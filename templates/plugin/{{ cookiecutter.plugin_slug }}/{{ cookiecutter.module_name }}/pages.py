"""A page. Who may see what is decided by the host: ``web`` asks its policy."""

from __future__ import annotations

from flask import Blueprint, render_template
from fmhost.plugin import web

from {{ cookiecutter.module_name }} import notes
from {{ cookiecutter.module_name }}.api import readable_sensors

blueprint = Blueprint("{{ cookiecutter.module_name }}", __name__, template_folder="templates")


@blueprint.get("/{{ cookiecutter.plugin_slug }}")
@web.login_required
def page() -> str:
    """The notes on all sensors that the user may read."""
    sensors = readable_sensors()
    return render_template(
        "{{ cookiecutter.module_name }}/notes.html",
        notes=notes.on_sensors(web.session(), sensors),
        sensors=sensors,
    )
