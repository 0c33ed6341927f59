"""Sites to plan for, how long that takes us, and how long a peer."""
