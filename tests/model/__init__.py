"""The whole rule book against a slow model of it: whole histories, folded from scratch each time."""
