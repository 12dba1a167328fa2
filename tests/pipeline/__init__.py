"""The steps of a record's way, without a broker."""
