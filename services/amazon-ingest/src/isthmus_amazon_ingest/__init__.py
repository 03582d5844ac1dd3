"""Source: what Amazon shows becomes facts on Kafka."""
