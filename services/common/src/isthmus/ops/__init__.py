"""Settings, logs, metrics, health, clock, shutdown: what makes a program a good citizen of its cluster."""
