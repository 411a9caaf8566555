"""Lines that devices share: one request at a time on a TCP connection or a serial port.

``bus.Bus`` joins the parts: ``turns`` (whose turn it is), ``exchange`` (one request and its
answer), ``line_state`` (open, quiet, in step), ``transports`` (sockets and ports).
"""
