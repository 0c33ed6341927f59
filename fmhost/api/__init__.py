"""The HTTP API: one thin module per resource, and what all of them share.

``errors``, ``headers``, ``tracing``, ``json_provider``, ``parsing``, ``unit_of_work``, ``loaders``
and ``operations`` hold the rules that are the same for every endpoint; the other modules are the
resources.
"""
