"""A county station: two transmitters for television, one for FM, and what feeds and powers them.

Pure functions of time, as the rest of the plant; does no I/O and reads no clock.
"""
