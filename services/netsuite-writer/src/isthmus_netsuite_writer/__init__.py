"""Sink: commands become records in NetSuite."""
