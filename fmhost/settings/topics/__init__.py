"""The settings of fmhost, one module per topic.

The first line of a module's docstring is the heading of its part of the documentation.
"""
