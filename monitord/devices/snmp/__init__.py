"""SNMP: the reader and the messages it sends. Judges nothing and never writes."""

from monitord.devices.snmp.reader import SnmpReader

__all__ = ["SnmpReader"]
