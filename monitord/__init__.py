"""monitord watches a broadcast transmitter site and its playout chain."""

__version__ = "0.1.0"
