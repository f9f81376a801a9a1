"""Publishing: runs of notebooks, static pages, the web service."""
