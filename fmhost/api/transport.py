"""How requests reach the server: through proxies, by HTTPS or plainly, and what cookies owe to it.

Who asks a server in production or staging plainly is sent to HTTPS, unless the settings say
otherwise. Exempt are requests to this very machine, and those that ask whether the server is well:
balancers ask plainly.
"""

from __future__ import annotations

import ipaddress
import logging

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import redirect

from fmhost.api.errors import is_api_request
from fmhost.settings import Settings

logger = logging.getLogger("fmhost.requests")

#: Environments in which plain requests are redirected where FLEXMEASURES_FORCE_HTTPS is not set.
_PUBLIC_ENVIRONMENTS = ("production", "staging")

_ALWAYS_PLAIN = ("/api/v3_0/health/ready", "/api/ops/ping", "/metrics")

_UPGRADE = "upgrade-insecure-requests"


def protect_transport(app: Flask, settings: Settings) -> None:
    """Believe as many proxies as there are, insist on HTTPS, and keep cookies to it."""
    proxies: int = settings["FMHOST_PROXIES"]
    if proxies:
        trusted = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)
        app.wsgi_app = trusted  # type: ignore[method-assign]
    forced: bool | None = settings["FLEXMEASURES_FORCE_HTTPS"]
    if forced or (forced is None and settings.environment in _PUBLIC_ENVIRONMENTS):
        _redirect_plain_requests(app, everywhere=forced is True)
    app.session_interface = _Sessions()
    if settings["FLEXMEASURES_ENFORCE_SECURE_CONTENT_POLICY"]:
        app.after_request(_upgrade_content)


class _Sessions(SecureCookieSessionInterface):
    """Sessions that began encrypted stay so."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return super().get_cookie_secure(app) or _came_encrypted()


def _came_encrypted() -> bool:
    """Whether the client sent the request by HTTPS, as far as this server can tell.

    A proxy's word is taken here even where no proxy is trusted: who lies about it opts out of
    protection of his own.
    """
    if request.is_secure:
        return True
    return request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip() == "https"


def _redirect_plain_requests(app: Flask, *, everywhere: bool) -> None:
    told: set[str] = set()

    @app.before_request
    def redirect_plain() -> Response | None:
        if _came_encrypted() or request.path in _ALWAYS_PLAIN:
            return None
        try:
            host = request.host
        except SecurityError:  # not a host name of ours: that is answered for all requests alike
            return None
        if not everywhere and is_loopback(host):
            return None
        if not told:
            told.add(host)
            logger.warning(
                "Plain requests, such as one for %s, are redirected to HTTPS. "
                "FLEXMEASURES_FORCE_HTTPS = False has them served.",
                host,
            )
        return _to_https()


def _to_https() -> Response:
    """Temporary, as the settings may change; with the method and the body of the request."""
    target = request.url.replace("http://", "https://", 1)
    response: Response = redirect(target, 307, Response)  # type: ignore[assignment]
    if is_api_request():
        response = Response(status=307, mimetype="application/json", headers={"Location": target})
        response.set_data('{"message": "This server is reached by HTTPS.", "status": 307}')
    return response


def is_loopback(host: str) -> bool:
    """Whether a ``Host`` header means the machine of the client itself.

    :param host: a name or an address, possibly with a port.
    """
    name = host.partition("]")[0].strip("[") if host.startswith("[") else host.partition(":")[0]
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _upgrade_content(response: Response) -> Response:
    """Have browsers load everything that a page needs by HTTPS."""
    if response.mimetype == "text/html":
        policy = response.headers.get("Content-Security-Policy")
        response.headers["Content-Security-Policy"] = (
            f"{policy.rstrip('; ')}; {_UPGRADE}" if policy else _UPGRADE
        )
    return response
