"""What a file says, or shows, of how it was made: provenance, metadata, markers, coding, and the examiner's maps."""
