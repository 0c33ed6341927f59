"""Measuring a server with the API over HTTP: ours, or a peer with the same one."""
