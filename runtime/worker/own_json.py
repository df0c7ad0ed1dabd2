"""JSON of the worker's own messages. The user's code may replace what is in the json module; what is made here, before
that code is loaded, stays as it was.
"""

import json

to_json_text = json.JSONEncoder(separators=(",", ":")).encode
from_json_text = json.JSONDecoder().decode
