"""The rules, one by one and all at once, on the engine of a task: no broker, no clock, no process."""
