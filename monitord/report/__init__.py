"""Figures of any period, from the record. Reads; decides and writes nothing."""
