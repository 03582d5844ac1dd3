"""Stage: facts of one end become commands for the other."""
