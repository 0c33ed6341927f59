"""Settings of gunicorn for those who start it themselves: ``gunicorn -c deploy/gunicorn.conf.py``.

``fmhost run`` is gunicorn with these settings, and spreads connections more evenly.
"""

wsgi_app = "fmhost.wsgi:app"
bind = "127.0.0.1:5000"
worker_class = "gthread"
workers = 2
threads = 4
# Each worker opens the installation for itself: connections are not shared by processes.
preload_app = False
timeout = 60
graceful_timeout = 30
keepalive = 5
limit_request_line = 8190
# Which proxies are believed is said by FMHOST_PROXIES.
forwarded_allow_ips = ""
accesslog = None
control_socket_disable = True
