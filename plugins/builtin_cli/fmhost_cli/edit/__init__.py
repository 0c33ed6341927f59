"""``fmhost edit``: one module per command."""
