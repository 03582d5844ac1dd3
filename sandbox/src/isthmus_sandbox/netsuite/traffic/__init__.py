"""What a request meets on its way: faults, the concurrency limit, latency, the journal."""
