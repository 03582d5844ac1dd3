"""A stand-in for Amazon's Selling Partner API."""
