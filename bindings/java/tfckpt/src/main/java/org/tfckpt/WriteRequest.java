package org.tfckpt;

import java.nio.ByteBuffer;
import java.util.Objects;

/** One of the tensors that {@link Writer#addMany} adds, and its values. */
public final class WriteRequest {
    private final TensorSpec spec;
    private final ByteBuffer values;

    private WriteRequest(TensorSpec spec, ByteBuffer values) {
        this.spec = Objects.requireNonNull(spec);
        this.values = Objects.requireNonNull(values);
    }

    /**
     * A request for a tensor, or a slice of one, to be added.
     *
     * @param spec what it is
     * @param values its elements in native order: what remains in the buffer when it is added, whose
     *     position is not moved. Of a direct buffer nothing is copied; what the others of a call have
     *     is in memory twice meanwhile
     * @return the request
     */
    public static WriteRequest of(TensorSpec spec, ByteBuffer values) {
        return new WriteRequest(spec, values);
    }

    TensorSpec spec() {
        return spec;
    }

    ByteBuffer values() {
        return values;
    }
}
