"""Breaks workers, brokers and connections at chosen moments, and checks what is left."""
