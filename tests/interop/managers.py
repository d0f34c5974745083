"""What the tests use of state files and managers, through ctypes."""

import ctypes
import pathlib

import tfckpt

_P, _I, _L, _B, _C, _D = (ctypes.c_void_p, ctypes.c_int32, ctypes.c_int64, ctypes.c_bool,
                          ctypes.c_char_p, ctypes.c_double)

_SIGNATURES = {
    "state_options_new": (_P,),
    "state_options_free": (None, _P),
    "state_options_set_file_name": (_I, _P, _C, _P),
    "state_read": (_I, _C, _P, _P, _P),
    "state_free": (None, _P),
    "state_latest": (_P, _P, _P),
    "state_count": (_L, _P),
    "state_path": (_P, _P, _L, _P),
    "state_timestamp": (_D, _P, _L),
    "state_last_preserved_timestamp": (_D, _P),
    "directory_latest": (_I, _C, _P, _P, _P),
    "directory_repair": (_I, _C, _P, _P, _P),
    "latest_free": (None, _P),
    "latest_prefix": (_C, _P),
    "repaired_free": (None, _P),
    "repaired_latest": (_C, _P),
    "manager_options_new": (_P,),
    "manager_options_free": (None, _P),
    "manager_options_set_max_to_keep": (_I, _P, _L, _P),
    "manager_options_set_checkpoint_name": (_I, _P, _C, _P),
    "manager_options_set_keep_checkpoint_every_n_hours": (_I, _P, _D, _P),
    "manager_open": (_I, _C, _P, _P, _P),
    "manager_free": (None, _P),
    "manager_latest": (_C, _P),
    "manager_count": (_L, _P),
    "manager_checkpoint": (_C, _P, _L),
    "manager_save": (_I, _P, _P, _P),
    "writer_prefix": (_C, _P),
    "writer_removal_problem_count": (_L, _P),
}

for _function, (_result, *_arguments) in _SIGNATURES.items():
    _declared = tfckpt._function(_function)
    _declared.restype, _declared.argtypes = _result, _arguments


def _path(bytes_or_none):
    return None if bytes_or_none is None else pathlib.Path(bytes_or_none.decode())


def _of_directory(function, directory, file_name):
    """What a function makes of a directory whose state file has that name."""
    with tfckpt._options("state_options") as options:
        tfckpt._call("state_options_set_file_name", options.pointer, file_name.encode())
        return tfckpt._call_out(function, tfckpt._path(directory), options.pointer)


class State:
    """What a state file says."""

    def __init__(self, directory, file_name="checkpoint"):
        pointer = _of_directory("state_read", directory, file_name)
        with tfckpt._Handle("state", pointer) as state:
            count = tfckpt._function("state_count")(state.pointer)
            self.latest = self._text("state_latest", state.pointer)
            self.paths = [self._text("state_path", state.pointer, i) for i in range(count)]
            self.timestamps = [
                tfckpt._function("state_timestamp")(state.pointer, i) for i in range(count)]
            # TensorFlow has 0 for none.
            self.last_preserved_timestamp = max(0, tfckpt._function(
                "state_last_preserved_timestamp")(state.pointer))

    @staticmethod
    def _text(function, *arguments):
        length = ctypes.c_size_t()
        pointer = tfckpt._function(function)(*arguments, ctypes.byref(length))
        return ctypes.string_at(pointer, length.value).decode()


def latest(directory, file_name="checkpoint"):
    """The prefix of the latest checkpoint."""
    pointer = _of_directory("directory_latest", directory, file_name)
    with tfckpt._Handle("latest", pointer) as found:
        return _path(tfckpt._function("latest_prefix")(found.pointer))


def repair(directory):
    """Rewrites the state file; the prefix of the latest checkpoint."""
    pointer = tfckpt._call_out("directory_repair", tfckpt._path(directory), None)
    with tfckpt._Handle("repaired", pointer) as repaired:
        return _path(tfckpt._function("repaired_latest")(repaired.pointer))


class _Save(tfckpt.Writer):
    """A writer that a manager began."""

    def __init__(self, pointer):
        tfckpt._Handle.__init__(self, "writer", pointer)


class Manager(tfckpt._Handle):
    """A directory whose newest checkpoints are kept."""

    def __init__(self, directory, max_to_keep, hours=0, name="ckpt"):
        super().__init__("manager", None)
        with tfckpt._options("manager_options") as options:
            tfckpt._call("manager_options_set_max_to_keep", options.pointer, max_to_keep)
            tfckpt._call("manager_options_set_checkpoint_name", options.pointer, name.encode())
            tfckpt._call("manager_options_set_keep_checkpoint_every_n_hours",
                         options.pointer, hours)
            self.pointer = tfckpt._call_out(
                "manager_open", tfckpt._path(directory), options.pointer)

    @property
    def latest(self):
        return _path(tfckpt._function("manager_latest")(self.pointer))

    @property
    def checkpoints(self):
        count = tfckpt._function("manager_count")(self.pointer)
        return [_path(tfckpt._function("manager_checkpoint")(self.pointer, i))
                for i in range(count)]

    def save(self, pieces):
        """Saves pieces as the next checkpoint; its prefix."""
        writer = _Save(tfckpt._call_out("manager_save", self.pointer))
        for piece in pieces:
            writer.add(piece.name, piece.number, piece.shape, piece.content)
        writer.finish()
        assert tfckpt._function("writer_removal_problem_count")(writer.pointer) == 0
        return _path(tfckpt._function("writer_prefix")(writer.pointer))
