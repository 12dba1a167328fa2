"""Measurements on a real Apache Kafka: ``python -m bench`` writes docs/performance.md. Nothing imports it."""
