"""Modbus over TCP, RTU and ASCII: the reader, its block reads and its frames. Never writes."""

from monitord.devices.modbus.reader import ModbusReader

__all__ = ["ModbusReader"]
