"""``fmhost monitor``: one module per command."""
