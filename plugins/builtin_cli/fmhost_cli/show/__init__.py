"""``fmhost show``: one module per command."""
