"""The exactly-once verifier: two real workers, a real broker, faults at random, and a check of every single record."""
