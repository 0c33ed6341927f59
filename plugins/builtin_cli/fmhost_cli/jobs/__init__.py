"""``fmhost jobs``: one module per command."""
