"""Jobs and posted data while everything around them fails: ``make chaos``.

Three workers run jobs on Redis and PostgreSQL, and a server takes in posted data, while processes
are killed, both servers are restarted, Redis with the loss of all that it knew, and clocks jump.
Then every job that was asked for has ended well and had its effect once, and every belief that was
acknowledged is there.
"""
