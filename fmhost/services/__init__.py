"""Use cases: what an installation does for the people who use it. No HTTP, no command line."""
