"""For people: where an order is, and why (not built yet)."""
