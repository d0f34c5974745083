package org.tfckpt.benchmarks;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.tensorflow.EagerSession;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/** TensorFlow's own restore. */
final class WithTensorFlow {
    private WithTensorFlow() {}

    /** An op that is run at once has no more outputs. */
    private static final int MOST = 1000;

    /** Restores all tensors, as many as can be in one op; how many elements they have. */
    static long restore(String path, String[] names) {
        long elements = 0;
        for (int i = 0; i < names.length; i += MOST) {
            elements += restoreSome(path, Arrays.copyOfRange(names, i, Math.min(names.length, i + MOST)));
        }
        return elements;
    }

    private static long restoreSome(String path, String[] names) {
        try (EagerSession session = EagerSession.create()) {
            Ops tf = Ops.create(session);
            String[] whole = new String[names.length];
            Arrays.fill(whole, "");
            List<Class<? extends TType>> types = Collections.nCopies(names.length, TFloat32.class);
            Operand<TString> prefix = tf.constant(path);
            long elements = 0;
            for (Operand<?> tensor : tf.train.restore(prefix, tf.array(names), tf.array(whole), types)) {
                elements += tensor.asTensor().size();
            }
            return elements;
        }
    }
}
