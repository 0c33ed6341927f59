"""The plugin host: manifests, discovery, conflicts, life cycle, registry, hooks, guard.

Nothing here knows Flask, SQL or pandas. :class:`fmhost.host.host.Host` is the way in.
"""
