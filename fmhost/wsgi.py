"""The application for servers that speak WSGI: ``gunicorn --config deploy/gunicorn.conf.py``.

Importing this module opens the installation that the environment describes. Each process has to
import it for itself, after it was forked: no ``preload_app``. ``fmhost run`` needs none of this.
"""

from __future__ import annotations

import atexit
import sys

from fmhost import settings
from fmhost.app import serve_process
from fmhost.errors import FmhostError

#: With this exit code of a process, gunicorn gives up instead of starting the next one.
_CANNOT_START = 4

try:
    app, _installation = serve_process(settings.load())
except FmhostError as error:
    print(f"Error: {error}", file=sys.stderr)
    sys.exit(_CANNOT_START)

atexit.register(_installation.close)
