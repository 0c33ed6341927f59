"""``fmhost add``: one module per command."""
