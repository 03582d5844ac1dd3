"""isthmusctl: the command line of the operator."""
