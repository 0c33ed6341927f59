"""``fmhost roles``: one module per command."""
