"""Evaluates expressions of JMESPath with the reference implementation.

Each line of the input is a JSON object with `expression` and `data`. The output has a line for each: `value`, and whether a filter
`[?expression]` keeps the data; or an empty object when the expression is no expression, or cannot be evaluated.
"""

import json
import sys
import warnings

import jmespath

warnings.simplefilter("ignore")


def kept(expression, data):
    """Whether the filter keeps the data."""
    return bool(jmespath.search(f"[?{expression}]", [data]))


for line in sys.stdin.readlines():
    case = json.loads(line)
    try:
        # Only the whole text counts as the expression.
        value = jmespath.search(case["expression"], case["data"])
        print(json.dumps({"value": value, "kept": kept(case["expression"], case["data"])}))
    except (jmespath.exceptions.JMESPathError, TypeError, ValueError, AttributeError):
        print("{}")
