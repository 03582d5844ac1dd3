"""SuiteQL: a checked subset of the dialect, run on views of the store."""
