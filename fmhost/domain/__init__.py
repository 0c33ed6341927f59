"""Pure value types and rules: units, time, and the contracts of schedulers and forecasters.

Nothing here knows of databases, HTTP or the command line.
"""
