"""For tests of fmhost and of its plugins: real servers, fresh databases, a pytest plugin."""
