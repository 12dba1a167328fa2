"""What travels: envelopes, moments, money, card numbers."""
