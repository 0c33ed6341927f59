"""``fmhost users``: one module per command."""
