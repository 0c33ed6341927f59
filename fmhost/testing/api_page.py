"""The page of the documentation about the API: ``python -m fmhost.testing.api_page``.

It is written from the document of an installation that has the plugins of this environment.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from fmhost.api.openapi import build_document
from fmhost.api.reference import reference
from fmhost.app import create
from fmhost.host.host import Composition, Host
from fmhost.services.installation import Installation
from fmhost.testing.databases import fresh_database
from fmhost.testing.web import settings_for_tests


def page() -> str:
    """The whole page, in Markdown."""
    with TemporaryDirectory() as folder, fresh_database("sqlite") as database:
        uri = database.url.render_as_string(hide_password=False)
        settings = settings_for_tests(Path(folder), SQLALCHEMY_DATABASE_URI=uri)
        installation = Installation.open(settings, Host(Composition.from_settings(settings)))
        try:
            app = create(installation=installation)
            return reference(build_document(app, installation.host))
        finally:
            installation.close()


if __name__ == "__main__":
    print(page(), end="")
