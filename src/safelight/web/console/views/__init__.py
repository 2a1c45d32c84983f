"""The console's pages, and what their forms and scripts send."""
