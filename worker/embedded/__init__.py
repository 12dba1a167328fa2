"""A broker and a Valkey from PyPI, for the demo and the tests: nothing else to install."""
