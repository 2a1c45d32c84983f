"""Videos against known videos: who hangs together with whom, and when (docs/clips.md).

rows of both -> `candidates` -> `hits` -> `consensus`: lines in time -> `verdict`.
"""
