"""What an order means for the books: rules, lines, items; pure."""
