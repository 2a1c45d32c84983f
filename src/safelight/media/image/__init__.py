"""Decoders, one module for each library; `safelight.media.decode` chooses."""
