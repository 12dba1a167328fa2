"""The stream processor: from records on Kafka to events a subscriber can trust."""
