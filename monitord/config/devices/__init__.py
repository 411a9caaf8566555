"""From the keys of devices and points to what polls and judges them."""
