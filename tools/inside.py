"""What the sandbox runs beside a submission: hands its names and its functions' answers out, as plain data.

Only data leaves: numbers, texts, arrays, lists and dictionaries of them as JSON, and a number for anything else. Only
requests come in: pickles, which the grader made. A submission can spoil what stands here, but nothing secret does.
"""

import base64
import contextlib
import io
import json
import pickle
import traceback

import numpy as np

OBJECTS = []  # what was handed out as a number


def encode(value):
    """A value as JSON."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if value is Ellipsis:
        return {"kind": "ellipsis"}
    if type(value) in (list, tuple):
        return {"kind": type(value).__name__, "items": [encode(item) for item in value]}
    if type(value) is dict:
        return {"kind": "dict", "items": [[encode(key), encode(item)] for key, item in value.items()]}
    if hasattr(value, "__array__"):
        array = np.asarray(value)
        if array.dtype.kind in "biufc":
            data = base64.b64encode(array.tobytes()).decode()
            return {"kind": "array", "dtype": array.dtype.str, "shape": list(array.shape), "data": data}
    OBJECTS.append(value)
    return {"kind": "object", "number": len(OBJECTS) - 1, "type": type(value).__name__}


class Requests(pickle.Unpickler):
    """Reads what the grader sends; the numbers in it stand for what was handed out before."""

    def persistent_load(self, number):
        """The object of a number."""
        return OBJECTS[number]


def answer(request, names):
    """The answer to one request, as a line of JSON; what the submission prints meanwhile is dropped."""
    action, *arguments = Requests(io.BytesIO(base64.b64decode(request))).load()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            if action == "name":
                (name,) = arguments
                value = {"defined": name in names, "value": encode(names.get(name))}
            elif action == "attribute":
                value = {"value": encode(getattr(*arguments))}
            else:
                function, args, kwargs = arguments
                value = {"value": encode(function(*args, **kwargs))}
    except BaseException as error:  # also SystemExit: whatever a submission raises is an answer
        # the submission's own lines stand in cells, whose file names IPython makes; the first of them was called
        lines = [frame.line for frame in traceback.extract_tb(error.__traceback__) if "ipykernel" in frame.filename]
        value = {"raised": f"{type(error).__name__}: {error}"[:500], "line": lines[0] if lines else None}
    return json.dumps(value)
