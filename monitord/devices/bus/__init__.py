"""Lines that devices share: one request at a time on a TCP connection or a serial port."""
