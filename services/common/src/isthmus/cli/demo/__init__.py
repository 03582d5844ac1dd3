"""``isthmusctl demo``: the system between its two simulated ends, while workers die."""
