"""The documentation is complete, its links lead somewhere, and what it shows is what happens."""
