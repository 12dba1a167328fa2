"""What tests are written with: messages, a bus to send and read, the program as a process, waiting for conditions."""
