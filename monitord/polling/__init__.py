"""The parts of the poller: slots, backoff, bursts, ages, and what it keeps of each device.

Owns when a device is asked; knows nothing of what its values mean and opens no socket.
"""
