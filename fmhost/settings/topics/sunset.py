"""Demonstrations and sunset of older behaviour"""

from __future__ import annotations

from fmhost.settings.container_types import Dictionary, Pair
from fmhost.settings.setting import Setting
from fmhost.settings.value_types import Boolean, Integer, OrNone, Text

SETTINGS = (
    Setting(
        "FLEXMEASURES_PUBLIC_DEMO_CREDENTIALS",
        OrNone(Pair("e-mail", "password", example="demo@example.org,flexdemo")),
        None,
        "A login that the login page shows to everybody in the mode `demo`.",
        secret=True,
    ),
    Setting(
        "FLEXMEASURES_DEMO_YEAR",
        OrNone(Integer(1, example="2015")),
        None,
        "In the mode `demo`, the year whose values are shown as if it were the current one.",
    ),
    Setting(
        "FLEXMEASURES_API_SUNSET_ACTIVE",
        Boolean(),
        False,
        "Whether endpoints that are about to be removed already answer that they are gone.",
    ),
    Setting(
        "FLEXMEASURES_API_SUNSET_DATE",
        OrNone(Text(example="2030-01-01")),
        None,
        "Date that the `Sunset` header announces, instead of the one of the endpoint.",
    ),
    Setting(
        "FLEXMEASURES_API_SUNSET_LINK",
        OrNone(Text(example="https://example.org/sunset")),
        None,
        "Page that the `Link` header names, instead of the one of the endpoint.",
    ),
    Setting(
        "FMHOST_LEGACY_JOB_RESPONSES",
        Boolean(),
        True,
        "Whether all clients get the older answers of job endpoints: 200 where work was only "
        "accepted, 400 where its result is not there yet. False: 202 for both, but for the clients "
        "that `FLEXMEASURES_LEGACY_JOB_RESPONSES_MAX_INCOMPATIBLE_CLIENT_VERSION` names.",
        from_environment=True,
    ),
    Setting(
        "FLEXMEASURES_LEGACY_JOB_RESPONSES_MAX_INCOMPATIBLE_CLIENT_VERSION",
        Dictionary(Text(), example='{"flexmeasures-client-version": "0.9.0"}'),
        {},
        "Latest version of each client that needs the older status codes of job endpoints, by the "
        "asset attribute that holds the version.",
    ),
    Setting(
        "FLEXMEASURES_LEGACY_JOB_RESPONSES_ASSUME_THIS_CLIENT_VERSION",
        Dictionary(Text(), example='{"flexmeasures-client-version": "0.9.0"}'),
        {},
        "Version of each client to assume where no asset attribute holds one.",
    ),
)
