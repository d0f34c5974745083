"""TensorFlow's reader in a process of its own, for each checkpoint another: what it is given
here may end it.

    child.py    reads prefixes, one a line, and writes what became of each, as JSON
"""

import hashlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time

# A child may take so much, and so long.
_ADDRESS_SPACE = 12 << 30
_SECONDS = 30


class Child:
    """TensorFlow beside this process."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()

    def read(self, prefix):
        """{"end": "read" | "error" | "crash" | "hang", "tensors": {name: [dtype, shape, digest]}}"""
        print(prefix, file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())


def digest(content):
    """Of bytes, or of a list of them."""
    if isinstance(content, list):
        content = b"".join(len(one).to_bytes(8, "little") + one for one in content)
    return hashlib.sha256(content).hexdigest()


def _main():
    import tensorflow  # noqa: F401, so that no child has to
    for line in sys.stdin:
        print(json.dumps(_in_a_fork(line.rstrip("\n"))), flush=True)


def _in_a_fork(prefix):
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.write(sink, json.dumps(_read(prefix)).encode())
        os._exit(0)
    os.close(sink)
    said, is_late = _all_of(source)
    if is_late:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if is_late:
        return {"end": "hang"}
    return json.loads(said) if status == 0 and said else {"end": "crash", "status": status}


def _all_of(source):
    said, end = b"", time.monotonic() + _SECONDS
    with os.fdopen(source, "rb", buffering=0) as file:
        while select.select([file], [], [], max(0, end - time.monotonic()))[0]:
            part = file.read(1 << 16)
            if not part:
                return said, False
            said += part
    return said, True


def _read(prefix):
    import tensorflow as tf
    import theirs
    try:
        reader = tf.train.load_checkpoint(prefix)
        dtypes, shapes = reader.get_variable_to_dtype_map(), reader.get_variable_to_shape_map()
    except Exception as error:
        return {"end": "error", "message": str(error)[:300]}
    tensors = {}
    for name in sorted(dtypes):
        try:
            content = digest(theirs.content_of(reader.get_tensor(name)))
        except Exception as error:
            content = {"error": str(error)[:300]}
        tensors[name] = [dtypes[name].as_datatype_enum, shapes[name], content]
    return {"end": "read", "tensors": tensors}


if __name__ == "__main__":
    _main()
