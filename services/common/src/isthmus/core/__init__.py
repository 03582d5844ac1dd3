"""Words and decisions that every room shares; pure."""
