"""Where sealed bytes lie: files, or an S3-compatible store."""
