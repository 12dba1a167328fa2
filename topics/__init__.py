"""What travels on Kafka: topic names, message types, codecs. Imports nothing else of this project."""
