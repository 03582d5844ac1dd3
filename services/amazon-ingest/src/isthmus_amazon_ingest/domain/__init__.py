"""What an order of Amazon means in our words, and how far a sweep has come; pure."""
