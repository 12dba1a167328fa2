"""Measurements on a real Apache Kafka: ``python -m bench`` writes docs/performance.md. Nothing of the product imports it."""
