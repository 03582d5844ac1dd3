"""NetSuite's REST record API and SuiteQL, spoken strictly."""
