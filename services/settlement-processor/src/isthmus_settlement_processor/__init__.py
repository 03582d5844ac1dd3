"""Stage: settlement documents become balanced journals (not built yet)."""
