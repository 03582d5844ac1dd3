"""Stand-ins for the two ends, with faults on demand."""
