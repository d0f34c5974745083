"""What the tests use of object graphs, through ctypes."""

import ctypes

import tfckpt

_P, _S, _I, _L, _B, _C = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32,
                          ctypes.c_int64, ctypes.c_bool, ctypes.c_char_p)
_NAME = (_C, _S)

_SIGNATURES = {
    "reader_read_object_graph": (_I, _P, _P, _P),
    "object_graph_free": (None, _P),
    "object_graph_count": (_L, _P),
    "object_graph_object_at": (_I, _P, _L, _P, _P),
    "object_graph_find": (_I, _P, *_NAME, _P, _P),
    "object_graph_find_node": (_L, _P, *_NAME),
    "object_graph_find_owner": (_I, _P, *_NAME, _P, _P),
    "object_graph_is_optimizer_state": (_B, _P, *_NAME),
    "object_graph_without_optimizer_state": (_I, _P, _P, _P),
    "object_free": (None, _P),
    "object_has_values": (_I, _P),
    "object_path_count": (_L, _P),
    "object_path": (_P, _P, _L, _P),
    "object_attribute_count": (_L, _P),
    "object_attribute": (_P, _P, _L),
    "object_child_count": (_L, _P),
    "object_child_name": (_P, _P, _L, _P),
    "object_child_node": (_L, _P, _L),
    "object_slot_count": (_L, _P),
    "object_slot_name": (_P, _P, _L, _P),
    "object_slot_variable": (_L, _P, _L),
    "object_slot_node": (_L, _P, _L),
    "object_saver_name": (_P, _P, _P),
    "object_saver_object_name": (_P, _P, _P),
    "attribute_free": (None, _P),
    "attribute_name": (_P, _P, _P),
    "attribute_full_name": (_P, _P, _P),
    "attribute_key": (_P, _P, _P),
    "object_graph_builder_new": (_P,),
    "object_graph_builder_free": (None, _P),
    "object_graph_builder_add_node": (_I, _P, _P, _P),
    "object_graph_builder_add_child": (_I, _P, _L, *_NAME, _L, _P),
    "object_graph_builder_add_attribute": (_I, _P, _L, *_NAME, *_NAME, _P),
    "object_graph_builder_add_slot": (_I, _P, _L, _L, *_NAME, *_NAME, _P, _P),
    "object_graph_builder_build": (_I, _P, _P, _P),
    "writer_add_object_graph": (_I, _P, _P, _P),
}

for _function, (_result, *_arguments) in _SIGNATURES.items():
    _declared = tfckpt._function(_function)
    _declared.restype, _declared.argtypes = _result, _arguments


def _name(text):
    name = text.encode()
    return name, len(name)


def _text(function, *arguments):
    length = ctypes.c_size_t()
    pointer = tfckpt._function(function)(*arguments, ctypes.byref(length))
    return ctypes.string_at(pointer, length.value).decode()


_HAS_VALUES = {-1: None, 0: False, 1: True}


def _each(function, pointer):
    return range(tfckpt._function(function)(pointer))


def _children(pointer):
    node = tfckpt._function("object_child_node")
    return {_text("object_child_name", pointer, i): node(pointer, i)
            for i in _each("object_child_count", pointer)}


def _attributes(pointer):
    found = [tfckpt._function("object_attribute")(pointer, i)
             for i in _each("object_attribute_count", pointer)]
    return [{"name": _text("attribute_name", attribute),
             "full_name": _text("attribute_full_name", attribute),
             "checkpoint_key": _text("attribute_key", attribute)} for attribute in found]


def _slots(pointer):
    variable, node = (tfckpt._function("object_slot_" + part) for part in ("variable", "node"))
    return [{"original_variable_node_id": variable(pointer, i),
             "slot_name": _text("object_slot_name", pointer, i),
             "slot_variable_node_id": node(pointer, i)}
            for i in _each("object_slot_count", pointer)]


class Graph(tfckpt._Handle):
    """An object graph."""

    def __init__(self, pointer):
        super().__init__("object_graph", pointer)

    @classmethod
    def of(cls, reader):
        return cls(tfckpt._call_out("reader_read_object_graph", reader.pointer))

    def __len__(self):
        return tfckpt._function("object_graph_count")(self.pointer)

    def _object(self, node):
        return tfckpt._Handle(
            "object", tfckpt._call_out("object_graph_object_at", self.pointer, node))

    def paths(self, node):
        with self._object(node) as one:
            count = tfckpt._function("object_path_count")(one.pointer)
            return [_text("object_path", one.pointer, i) for i in range(count)]

    def keys(self, node):
        with self._object(node) as one:
            count = tfckpt._function("object_attribute_count")(one.pointer)
            attributes = [tfckpt._function("object_attribute")(one.pointer, i)
                          for i in range(count)]
            return [_text("attribute_key", attribute) for attribute in attributes]

    def node(self, node):
        """All that is known of a node, as expected.json has it: what it lacks is left out."""
        with self._object(node) as one:
            pointer = one.pointer
            known = {
                "children": _children(pointer),
                "attributes": _attributes(pointer),
                "slot_variables": _slots(pointer),
                "has_checkpoint_values": _HAS_VALUES[
                    tfckpt._function("object_has_values")(pointer)],
            }
        return {key: value for key, value in known.items() if value not in ({}, [], None)}

    def has_values(self, node):
        with self._object(node) as one:
            return tfckpt._function("object_has_values")(one.pointer)

    def saver(self, node):
        """The names of the registered saver and of what it saved, or None."""
        with self._object(node) as one:
            if tfckpt._function("object_saver_name")(one.pointer, None) is None:
                return None
            return (_text("object_saver_name", one.pointer),
                    _text("object_saver_object_name", one.pointer))

    def find(self, name):
        """The key that a name means."""
        return self._key("object_graph_find", *_name(name))

    def find_node(self, path):
        return tfckpt._function("object_graph_find_node")(self.pointer, *_name(path))

    def owner(self, tensor):
        """The key of what a tensor is of."""
        return self._key("object_graph_find_owner", tensor, len(tensor))

    def _key(self, function, *name):
        found = tfckpt._call_out(function, self.pointer, *name)
        with tfckpt._Handle("attribute", found) as attribute:
            return _text("attribute_key", attribute.pointer)

    def is_optimizer_state(self, name):
        return tfckpt._function("object_graph_is_optimizer_state")(self.pointer, name, len(name))

    def without_optimizer_state(self):
        return Graph(tfckpt._call_out("object_graph_without_optimizer_state", self.pointer))

    def write_to(self, writer):
        tfckpt._call("writer_add_object_graph", writer.pointer, self.pointer)


class Builder(tfckpt._Handle):
    """An object graph being made."""

    def __init__(self):
        super().__init__("object_graph_builder", tfckpt._function("object_graph_builder_new")())

    def _add(self, function, *arguments):
        node = ctypes.c_int64()
        tfckpt._call(function, self.pointer, *arguments, ctypes.byref(node))
        return node.value

    def add_node(self):
        return self._add("object_graph_builder_add_node")

    def add_child(self, parent, name, child):
        tfckpt._call("object_graph_builder_add_child", self.pointer, parent, *_name(name), child)

    def add_attribute(self, node, name, full_name):
        tfckpt._call("object_graph_builder_add_attribute", self.pointer, node, *_name(name),
                    *_name(full_name))

    def add_slot(self, optimizer, variable, name, full_name):
        return self._add("object_graph_builder_add_slot", optimizer, variable, *_name(name),
                         *_name(full_name))

    def build(self):
        return Graph(tfckpt._call_out("object_graph_builder_build", self.pointer))
