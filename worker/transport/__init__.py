"""The seams of Faust and aiokafka that are replaced, and why."""
