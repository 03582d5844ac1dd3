"""From a command to what NetSuite is sent; pure."""
