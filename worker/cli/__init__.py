"""The `client-status` command: one file per family of commands."""
