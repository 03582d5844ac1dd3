"""NetSuite over REST: records are written by the record API and read by SuiteQL.

An error that leaves this room is one of the three words of ``isthmus.core.errors``.
"""
