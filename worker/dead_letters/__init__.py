"""Dead letters after they were written: read, and replayed to where they came from (J3)."""
