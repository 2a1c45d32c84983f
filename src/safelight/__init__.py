"""Safelight: identify, track and remove AI-made child sexual abuse material.

The parts, lowest first: `model` (values), the pure stages `media`, `fingerprint`, `match`, `policy` and `report`,
`ports` (what the outside world must offer), `adapter` (the outside world), `flow` (use cases), `app` (wiring), and
the faces `cli` and `worker`. One file can be followed from its bytes to its decision in `flow/examine.py` (inside
the confined worker) and `flow/scan.py` (outside it).
"""

__version__ = "0.1.0"
