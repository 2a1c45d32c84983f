"""Documents for others about a case: values in, bytes out. docs/documents.md describes them."""
