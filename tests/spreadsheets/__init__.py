"""Tables in and out: files as they are found in the world, what columns mean, rows as events, cards as rows."""
