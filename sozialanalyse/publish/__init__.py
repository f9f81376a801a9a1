"""Publishing: runs of notebooks, static pages, the web service."""

import sys

# jsonschema's optional check of web addresses compiles a grammar for a second at every start; notebooks
# have no use for it, and jsonschema does without where it is missing.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
