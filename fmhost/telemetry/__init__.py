"""What the program tells about itself while it runs: log lines, metrics, traces, error reports."""
