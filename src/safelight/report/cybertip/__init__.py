"""NCMEC's CyberTipline: its documents, made and checked. Nothing here sends anything; docs/reports.md tells the way."""
