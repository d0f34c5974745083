package org.tfckpt.benchmarks;

import java.nio.ByteBuffer;

/** The C side of the benchmarks, each in one call: libtfckpt_bench. */
final class InC {
    static {
        System.load(System.getProperty("tfckpt.bench.library"));
    }

    private InC() {}

    static native boolean read(String path, int count, ByteBuffer dst);

    static native boolean readMany(String path, int count, ByteBuffer dst);

    static native long list(String path);
}
