"""Sphinx configuration. Nothing here or in the pages reaches for the network."""

from safelight import __version__

project = "Safelight"
author = "The Safelight founders"
project_copyright = f"2026, {author}"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.doctest"]
exclude_patterns = ["adr/template.md"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = f"Safelight {release}"
html_copy_source = False
html_show_sourcelink = False
doctest_test_doctest_blocks = ""
