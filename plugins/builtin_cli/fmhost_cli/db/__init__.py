"""``fmhost db``: one module per command."""
