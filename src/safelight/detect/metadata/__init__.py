"""Text fields in the containers of pictures and videos, each with its place in the file."""
