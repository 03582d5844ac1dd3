"""From rows of NetSuite to facts, and how far they were read; pure."""
