"""Restores checkpoints with their graphs in TensorFlow 1, for test_meta.py.

    restore_in_tf1.py '[["model.meta", "model"], ...]'

Prints the digest of each variable's value, for each graph, as JSON.
"""

import hashlib
import json
import sys

import tensorflow as tf

tf1 = tf.compat.v1


def restored(path, prefix):
    devices = tf1.ConfigProto(device_count={"CPU": 2}, allow_soft_placement=True)
    with tf.Graph().as_default(), tf1.Session(config=devices) as session:
        tf1.train.import_meta_graph(path).restore(session, prefix)
        return {
            variable.name: hashlib.sha256(session.run(variable).tobytes()).hexdigest()
            for variable in tf1.global_variables()
        }


print(json.dumps([restored(path, prefix) for path, prefix in json.loads(sys.argv[1])]))
