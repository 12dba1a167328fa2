"""The way of a record: decode, route, process, outbox, commit, a file per step."""
