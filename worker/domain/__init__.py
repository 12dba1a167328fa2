"""What it means: pure functions on plain types. No clock, no I/O, no logging."""
