"""Amazon's Selling Partner API, spoken strictly."""
