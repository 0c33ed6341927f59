"""Who may do what over HTTP, tested for every operation.

:mod:`~fmhost.testing.access.rules` says what is expected, from the access rules of the data model
and without a look at the policy that is tested; :mod:`~fmhost.testing.access.world` has people of
every role, and things of several owners; a :class:`~fmhost.testing.access.rows.Row` says what an
operation is about, which permission it takes, and how to ask it something valid. From these every
cell follows: a row, a person, an owner.
"""
