"""What nobody means, sent to every operation: made up by schemathesis, or thought of by us.

Both begin with the valid requests of the access matrix, see :mod:`fmhost.testing.access`: what is
wrong everywhere never gets past the first look.
"""
