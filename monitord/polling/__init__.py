"""When each device is read: slots, backoff, bursts, shared sockets. Decoding is in ``decoding/``.

``poller.Poller`` joins the parts: ``scheduler`` (due slots), ``burst`` (polls outside slots),
``reads`` and ``slow_reads`` (reads under way), ``shared`` (shared sockets), ``outcomes`` (from an
answer to the inbox). Opens no socket.
"""
