"""Where jobs run.

A job is a row in the database first. Whoever asked for it commits that row and then calls
:func:`fmhost.jobs.dispatch.dispatch`; a queue driver makes some process run
:func:`fmhost.jobs.execute.execute` with the job's id. Only the id travels.
"""
