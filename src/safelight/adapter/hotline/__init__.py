"""Interfaces of hotlines."""
