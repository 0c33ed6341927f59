"""Real installed plugins for the tests of the command line."""

from __future__ import annotations

from fmhost.testing.hosting import fmhost as fmhost
from fmhost.testing.hosting import install as install
from fmhost.testing.hosting import site as site
