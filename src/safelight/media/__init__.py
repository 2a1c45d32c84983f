"""Files to pixels: type by content, decoding under limits, archives walked in place.

Entry points: `sniff.sniff`, `decode.decode_image`, `archive.members`, and `warm.warm_up` before all of them in a
process that will lose the right to open files.
"""
