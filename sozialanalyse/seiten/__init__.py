"""Pages: one module each declares what a page is asked for, where it stands, what it is made for and what it finds.

Here data, analysis and presentation meet, so that a notebook stays a list of findings. Each page is made
from its checked parameters; each method returns something that displays itself. A page of another
package is an entry point of the group ``sozialanalyse.seiten``.
"""

from sozialanalyse.seiten.grundlage import *  # noqa: F403
from sozialanalyse.seiten.grundlage import __all__ as __all__
