"""Serial frames: requests, what answers them on a noisy line, and the fields of an answer."""

from monitord.devices.frames.reader import FrameReader

__all__ = ["FrameReader"]
