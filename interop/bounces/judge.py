"""Reads every sample of flufl.bounce with flufl.bounce itself.

The one argument is the folder of its source package. It prints a line of JSON for each sample: its path, and whether addresses in it
failed for now or for good.
"""

import email
import json
import logging
import pathlib
import sys

from flufl.bounce import all_failures

logging.disable(logging.CRITICAL)
for path in sorted(pathlib.Path(sys.argv[1]).glob("tests/data/*.txt")):
    temporary, permanent = all_failures(email.message_from_bytes(path.read_bytes()))
    print(json.dumps({"path": str(path), "temporary": bool(temporary), "permanent": bool(permanent)}))
