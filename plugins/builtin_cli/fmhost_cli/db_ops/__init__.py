"""``fmhost db-ops``: one module per command."""
