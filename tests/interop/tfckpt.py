"""What these tests use of the installed library, through ctypes.

The library is that under $TFCKPT_PREFIX, by default build/prefix. Not for use outside
of the tests: it covers what they need and copies more than it must.
"""

import ctypes
import os
import pathlib
import subprocess
from typing import NamedTuple

PREFIX = pathlib.Path(os.environ.get(
    "TFCKPT_PREFIX", pathlib.Path(__file__).parents[2] / "build" / "prefix"))

OK, INVALID_ARGUMENT, NOT_FOUND, IO, DATA_LOSS, UNSUPPORTED = range(6)
ALREADY_EXISTS = 7
COPY, LINK, MOVE = range(3)
V1, V2 = 1, 2
DT_STRING, DT_VARIANT = 7, 21

_P, _S, _I, _L, _B, _C = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32,
                          ctypes.c_int64, ctypes.c_bool, ctypes.c_char_p)
_NAME = (_C, _S)
_SLICE = (_P, _P)

# Result, then arguments; a result that is a status has the error last.
_SIGNATURES = {
    "error_free": (None, _P),
    "error_status": (_I, _P),
    "error_message": (_C, _P),
    "error_name_count": (_L, _P),
    "error_name": (_P, _P, _L, _P),
    "dtype_size": (_S, _I),
    "reader_options_new": (_P,),
    "reader_options_free": (None, _P),
    "reader_options_set_mapped": (None, _P, _B),
    "reader_open": (_I, _C, _P, _P, _P),
    "reader_free": (None, _P),
    "reader_num_shards": (_L, _P),
    "reader_is_big_endian": (_B, _P),
    "reader_list": (_I, _P, *_NAME, _P, _P),
    "reader_read": (_I, _P, *_NAME, _P, _P, _S, _P),
    "reader_read_size": (_I, _P, *_NAME, *_SLICE, _S, _P, _P),
    "reader_read_slice": (_I, _P, *_NAME, *_SLICE, _S, _P, _P, _S, _P),
    "reader_read_many": (_I, _P, _P, _S, _P, _P),
    "reader_read_strings": (_I, _P, *_NAME, _P, _P, _P),
    "reader_read_strings_slice": (_I, _P, *_NAME, *_SLICE, _S, _P, _P, _P),
    "read_options_new": (_P,),
    "read_options_free": (None, _P),
    "read_options_set_threads": (None, _P, _S),
    "cursor_next": (_I, _P, _P, _P),
    "cursor_free": (None, _P),
    "tensor_name": (_P, _P, _P),
    "tensor_dtype": (_I, _P),
    "tensor_rank": (_S, _P),
    "tensor_dims": (_P, _P),
    "tensor_shard": (_I, _P),
    "tensor_offset": (_L, _P),
    "tensor_stored_size": (_L, _P),
    "tensor_slice_count": (_L, _P),
    "tensor_slice_starts": (_P, _P, _L),
    "tensor_slice_lengths": (_P, _P, _L),
    "strings_count": (_L, _P),
    "strings_offsets": (_P, _P),
    "strings_data": (_P, _P),
    "strings_data_size": (_S, _P),
    "strings_free": (None, _P),
    "writer_options_new": (_P,),
    "writer_options_free": (None, _P),
    "writer_options_set_format": (_I, _P, _I, _P),
    "writer_options_set_shards": (_I, _P, _L, _P),
    "writer_options_set_alignment": (_I, _P, _S, _P),
    "writer_options_set_big_endian": (None, _P, _B),
    "writer_options_set_sync": (None, _P, _B),
    "writer_create": (_I, _C, _P, _P, _P),
    "writer_add": (_I, _P, *_NAME, _I, _P, _S, _C, _S, _P),
    "writer_add_slice": (_I, _P, *_NAME, _I, _P, _S, *_SLICE, _C, _S, _P),
    "writer_add_strings": (_I, _P, *_NAME, _P, _S, _P, _C, _S, _P),
    "writer_add_strings_slice": (_I, _P, *_NAME, _P, _S, *_SLICE, _P, _C, _S, _P),
    "writer_add_variants": (_I, _P, *_NAME, _P, _S, _P, _C, _S, _P),
    "writer_begin": (_I, _P, *_NAME, _I, _P, _S, _P),
    "writer_begin_slice": (_I, _P, *_NAME, _I, _P, _S, *_SLICE, _P),
    "writer_append": (_I, _P, _C, _S, _P),
    "writer_end": (_I, _P, _P),
    "writer_finish": (_I, _P, _P),
    "writer_free": (None, _P),
    "merge_options_new": (_P,),
    "merge_options_free": (None, _P),
    "merge_options_set_transfer": (_I, _P, _I, _P),
    "checkpoint_merge": (_I, _C, _P, _S, _P, _P),
    "checkpoint_verify": (_I, _C, _P, _P, _P),
    "report_problem_count": (_L, _P),
    "report_problem": (_P, _P, _L),
    "report_free": (None, _P),
}


def _load():
    library = ctypes.CDLL(str(PREFIX / "lib" / "libtfckpt.so"))
    for name, (result, *arguments) in _SIGNATURES.items():
        function = getattr(library, "tfckpt_" + name)
        function.restype, function.argtypes = result, arguments
    return library


_library = _load()


def _function(name):
    return getattr(_library, "tfckpt_" + name)


class Error(Exception):
    """A call that failed."""

    def __init__(self, error):
        self.status = _function("error_status")(error)
        super().__init__(_function("error_message")(error).decode())
        self.names = [_error_name(error, i) for i in range(_function("error_name_count")(error))]
        _function("error_free")(error)


def _error_name(error, index):
    length = ctypes.c_size_t()
    name = _function("error_name")(error, index, ctypes.byref(length))
    return ctypes.string_at(name, length.value)


def _call(name, *arguments):
    error = ctypes.c_void_p()
    if _function(name)(*arguments, ctypes.byref(error)) != OK:
        raise Error(error)


def _call_out(name, *arguments):
    out = ctypes.c_void_p()
    _call(name, *arguments, ctypes.byref(out))
    return out


class _Handle:
    """A handle that is freed with the object, or at the end of a `with`."""

    def __init__(self, kind, pointer):
        self._kind, self.pointer = kind, pointer

    def free(self):
        pointer, self.pointer = self.pointer, None
        _function(self._kind + "_free")(pointer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.free()

    def __del__(self):
        self.free()


def _options(kind):
    return _Handle(kind, _function(kind + "_new")())


def _i64s(values):
    return (ctypes.c_int64 * len(values))(*values)


def _numbers(pointer, count):
    return tuple((ctypes.c_int64 * count).from_address(pointer)) if count else ()


def _path(path):
    return os.fsencode(path)


class Slice(NamedTuple):
    """A part of a tensor; a length of -1 is all of a dimension."""

    starts: tuple
    lengths: tuple

    def shape(self, whole):
        return tuple(n if m < 0 else m for n, m in zip(whole, self.lengths))

    def _arguments(self):
        return _i64s(self.starts), _i64s(self.lengths)


class Tensor(NamedTuple):
    """What the index says of a tensor."""

    name: bytes
    dtype: int
    shape: tuple
    slices: tuple
    shard: int
    offset: int
    stored_size: int

    @property
    def is_variable_length(self):
        return self.dtype in (DT_STRING, DT_VARIANT)

    def byte_size(self, shape=None):
        size = _function("dtype_size")(self.dtype)
        for n in self.shape if shape is None else shape:
            size *= n
        return size


def _tensor(pointer):
    length = ctypes.c_size_t()
    name = _function("tensor_name")(pointer, ctypes.byref(length))
    rank = _function("tensor_rank")(pointer)

    def part(i):
        return Slice(_numbers(_function("tensor_slice_starts")(pointer, i), rank),
                     _numbers(_function("tensor_slice_lengths")(pointer, i), rank))

    return Tensor(
        ctypes.string_at(name, length.value),
        _function("tensor_dtype")(pointer),
        _numbers(_function("tensor_dims")(pointer), rank),
        tuple(part(i) for i in range(_function("tensor_slice_count")(pointer))),
        _function("tensor_shard")(pointer),
        _function("tensor_offset")(pointer),
        _function("tensor_stored_size")(pointer))


def _take_strings(pointer):
    with _Handle("strings", pointer):
        count = _function("strings_count")(pointer)
        offsets = _numbers(_function("strings_offsets")(pointer), count + 1)
        data = ctypes.string_at(_function("strings_data")(pointer),
                                _function("strings_data_size")(pointer))
    return [data[start:end] for start, end in zip(offsets, offsets[1:])]


def _put_strings(elements):
    offsets = [0]
    for element in elements:
        offsets.append(offsets[-1] + len(element))
    return _i64s(offsets), b"".join(elements)


class _Request(ctypes.Structure):
    _fields_ = [("name", _C), ("name_len", _S), ("starts", _P), ("lengths", _P),
                ("rank", _S), ("dst", _P), ("dst_len", _S), ("reserved", _P * 2)]


class Reader(_Handle):
    """A checkpoint open for reading. Values are bytes, or a list of them."""

    def __init__(self, path, mapped=False):
        super().__init__("reader", None)
        with _options("reader_options") as options:
            _function("reader_options_set_mapped")(options.pointer, mapped)
            self.pointer = _call_out("reader_open", _path(path), options.pointer)

    @property
    def num_shards(self):
        return _function("reader_num_shards")(self.pointer)

    @property
    def is_big_endian(self):
        return _function("reader_is_big_endian")(self.pointer)

    def __iter__(self):
        for tensor in self.walk():
            if isinstance(tensor, Error):
                raise tensor
            yield tensor

    def walk(self):
        """All tensors, and an Error in the place of each that is damaged."""
        with _Handle("cursor", _call_out("reader_list", self.pointer, None, 0)) as cursor:
            while True:
                try:
                    pointer = _call_out("cursor_next", cursor.pointer).value
                except Error as error:
                    yield error
                    continue
                if not pointer:
                    return
                yield _tensor(pointer)

    def read(self, tensor, part=None):
        name = (tensor.name, len(tensor.name))
        where = () if part is None else (*part._arguments(), len(part.starts))
        kind = "" if part is None else "_slice"
        if tensor.is_variable_length:
            return _take_strings(_call_out(
                "reader_read_strings" + kind, self.pointer, *name, *where, None))
        size = tensor.byte_size(None if part is None else part.shape(tensor.shape))
        dst = ctypes.create_string_buffer(size)
        _call("reader_read" + kind, self.pointer, *name, *where, None, dst, size)
        return dst.raw

    def read_size(self, name):
        size = ctypes.c_size_t()
        _call("reader_read_size", self.pointer, name, len(name), None, None, 0,
              ctypes.byref(size))
        return size.value

    def read_many(self, tensors, threads=1):
        buffers = [ctypes.create_string_buffer(tensor.byte_size()) for tensor in tensors]
        requests = (_Request * len(tensors))()
        for request, tensor, buffer in zip(requests, tensors, buffers):
            request.name, request.name_len = tensor.name, len(tensor.name)
            request.dst, request.dst_len = ctypes.addressof(buffer), len(buffer)
        with _options("read_options") as options:
            _function("read_options_set_threads")(options.pointer, threads)
            _call("reader_read_many", self.pointer, requests, len(requests), options.pointer)
        return [buffer.raw for buffer in buffers]


class Writer(_Handle):
    """A checkpoint being written; the end of a `with` finishes it."""

    def __init__(self, prefix, shards=1, alignment=0, big_endian=False, format=V2):
        super().__init__("writer", None)
        with _options("writer_options") as options:
            _call("writer_options_set_format", options.pointer, format)
            _call("writer_options_set_shards", options.pointer, shards)
            _call("writer_options_set_alignment", options.pointer, alignment)
            _function("writer_options_set_big_endian")(options.pointer, big_endian)
            # Nothing here outlives the machine.
            _function("writer_options_set_sync")(options.pointer, False)
            self.pointer = _call_out("writer_create", _path(prefix), options.pointer)

    def __exit__(self, kind, *_):
        if kind is None:
            self.finish()
        self.free()

    def add(self, name, dtype, shape, content, part=None):
        head = (self.pointer, name, len(name))
        dims = (_i64s(shape), len(shape))
        where = () if part is None else part._arguments()
        kind = "" if part is None else "_slice"
        if dtype == DT_STRING:
            offsets, data = _put_strings(content)
            _call("writer_add_strings" + kind, *head, *dims, *where, offsets, data, len(data))
        else:
            _call("writer_add" + kind, *head, dtype, *dims, *where, content, len(content))

    def add_variants(self, name, shape, records):
        offsets, data = _put_strings(records)
        _call("writer_add_variants", self.pointer, name, len(name), _i64s(shape), len(shape),
              offsets, data, len(data))

    def stream(self, name, dtype, shape, pieces, part=None):
        where = () if part is None else part._arguments()
        _call("writer_begin" + ("" if part is None else "_slice"), self.pointer, name, len(name),
              dtype, _i64s(shape), len(shape), *where)
        for piece in pieces:
            _call("writer_append", self.pointer, piece, len(piece))
        _call("writer_end", self.pointer)

    def finish(self):
        _call("writer_finish", self.pointer)


def merge(dst, sources, transfer=COPY):
    """Merges the checkpoints `sources` into one at `dst`."""
    paths = (ctypes.c_char_p * len(sources))(*(_path(source) for source in sources))
    with _options("merge_options") as options:
        _call("merge_options_set_transfer", options.pointer, transfer)
        _call("checkpoint_merge", _path(dst), paths, len(paths), options.pointer)


def problems(path):
    """All that is wrong with a checkpoint."""
    with _Handle("report", _call_out("checkpoint_verify", _path(path), None)) as report:
        count = _function("report_problem_count")(report.pointer)
        found = [_function("report_problem")(report.pointer, i) for i in range(count)]
        return [_function("error_message")(problem).decode() for problem in found]


def command(*arguments):
    """Runs the command `tfckpt`; what it prints."""
    run = subprocess.run([PREFIX / "bin" / "tfckpt", *arguments], check=False,
                         capture_output=True)
    assert run.returncode == 0, run.stderr.decode(errors="replace")
    return run.stdout
