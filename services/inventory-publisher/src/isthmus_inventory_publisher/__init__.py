"""Source: what NetSuite knows of items becomes facts on Kafka."""
