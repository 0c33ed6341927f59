"""The argument that names a user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

#: ``USER``: an e-mail address or a name; the parameter is ``user``.
user_argument: Callable[[Any], Any] = click.argument("user")
