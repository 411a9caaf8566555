"""The simulated site as pure functions of time. Owns physics; does no I/O and reads no clock."""
