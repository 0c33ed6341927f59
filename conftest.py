"""Fixtures of all tests in this workspace."""

pytest_plugins = ["fmhost.testing.plugin"]
