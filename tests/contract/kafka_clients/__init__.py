"""One suite, two subjects: the fake cluster behaves as Apache Kafka, or a test fails."""
