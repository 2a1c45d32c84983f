"""Who can act about a URL, read from what registries and sites publish; whatever they send, nothing here fails.

It is beside the documents because it decides whom these are addressed to; asking is `adapter.directory`.
"""
