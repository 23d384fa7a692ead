"""The connector between Démarches simplifiées and an ARS.

Here: the package itself. What knows lives in `core`, what touches lives at the edge (`api`, `store`, `geo`, ...).
`cycle` draws the line through them; `wiring` puts the real things on it.
"""

__version__ = "0.1.0"
