"""Makes the modules beside the tests importable, and finds the references."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
