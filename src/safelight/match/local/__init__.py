"""Tracing an altered picture by its keypoints: search, vote, align, look again, judge.

`trace.trace` is the front, `pair.align_pair` the same for two pictures without a bank. docs/derivatives.md explains.
"""
