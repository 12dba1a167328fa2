"""The console: an HTTP API over the read model, and commands to the worker."""
