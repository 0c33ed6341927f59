"""HTTPS, cross-origin requests and rate limits"""

from __future__ import annotations

from fmhost.settings.container_types import Dictionary, ListOf
from fmhost.settings.setting import Setting
from fmhost.settings.value_types import Boolean, Integer, OneOf, OrNone, Text

SETTINGS = (
    Setting(
        "FLEXMEASURES_FORCE_HTTPS",
        OrNone(Boolean()),
        None,
        "Whether plain requests are redirected to HTTPS, and cookies sent by HTTPS only.",
        from_environment=True,
        default_text="in production and staging, except for requests to `localhost` and the like",
    ),
    Setting(
        "FMHOST_PROXIES",
        Integer(0, example="1"),
        0,
        "How many proxies stand before the server. That many entries are believed of each of the "
        "headers `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`.",
        from_environment=True,
    ),
    Setting(
        "FLEXMEASURES_ENFORCE_SECURE_CONTENT_POLICY",
        Boolean(),
        False,
        "Whether pages tell the browser to load everything over HTTPS.",
    ),
    Setting(
        "CORS_ORIGINS",
        ListOf(example="https://app.example.org"),
        [],
        "Origins whose pages may call this server. `*`: all.",
    ),
    Setting(
        "CORS_RESOURCES",
        OneOf(Dictionary(example='{"/api/*": {}}'), ListOf(example="/api/*")),
        [r"/api/*"],
        "Paths that other origins may call: regular expressions, or a dictionary of them with "
        "options.",
    ),
    Setting(
        "CORS_SUPPORTS_CREDENTIALS",
        Boolean(),
        True,
        "Whether other origins may send cookies. Not together with the origin `*`.",
    ),
    Setting(
        "RATELIMIT_ENABLED",
        Boolean(),
        True,
        "Whether the number of API requests is limited. Never in the mode `play`.",
        by_environment={"testing": False},
    ),
    Setting(
        "FLEXMEASURES_API_DEFAULT_RATE_LIMIT",
        Text(example="500 per minute"),
        "500 per minute",
        "Limit for all API requests of one user, or of one address before the login.",
    ),
    Setting(
        "FLEXMEASURES_API_TRIGGER_RATE_LIMIT",
        Text(example="10 per 5 minutes"),
        "10 per 5 minutes",
        "Limit for requests that start a computation.",
    ),
    Setting(
        "FMHOST_LOGIN_RATE_LIMIT",
        Text(example="20 per 5 minutes"),
        "20 per 5 minutes",
        "Limit for logins in vain, and for mails that are asked for, from one address for one "
        "user.",
        from_environment=True,
    ),
    Setting(
        "FLEXMEASURES_API_RATE_LIMIT_KEY",
        Text(example="account+asset"),
        "account",
        "Who shares the limit of started computations: `account`, `account+asset` or `user`.",
    ),
)
