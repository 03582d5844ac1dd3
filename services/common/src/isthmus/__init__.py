"""Isthmus: Amazon Seller Central and NetSuite, joined by Kafka."""
