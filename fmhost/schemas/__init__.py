"""Marshmallow fields and schemas: what may come in, and what goes out."""
