"""The brokers that tests run on: a real Apache Kafka, and the embedded one."""
