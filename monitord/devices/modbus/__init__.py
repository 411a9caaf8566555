"""Modbus TCP: the reader, its block reads and its frames. Judges nothing and never writes."""

from monitord.devices.modbus.reader import ModbusReader

__all__ = ["ModbusReader"]
