"""The fixtures of the black-box tests; tests/soak/run puts their folder on the path."""

import importlib.util
from pathlib import Path

BLACKBOX = Path(__file__).resolve().parent.parent / "blackbox" / "conftest.py"
spec = importlib.util.spec_from_file_location("blackbox_conftest", BLACKBOX)
blackbox = importlib.util.module_from_spec(spec)
spec.loader.exec_module(blackbox)

backends, gateways = blackbox.backends, blackbox.gateways
