"""``fmhost delete``: one module per command."""
