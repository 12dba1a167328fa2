"""The examples of the rules, and the contract, on both brokers and from outside only: bytes in, bytes out."""
