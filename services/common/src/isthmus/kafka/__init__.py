"""The messaging core: codec, ordered retry, transactions, and the three runners."""
