"""The core on real Kafka."""
