package org.tfckpt;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Objects;

/** One of the tensors that {@link Reader#readMany} reads, and where it goes. */
public final class ReadRequest {
    private final byte[] name;
    private final Slice slice;
    private final ByteBuffer dst;

    private ReadRequest(byte[] name, Slice slice, ByteBuffer dst) {
        if (dst.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        this.name = name;
        this.slice = Objects.requireNonNull(slice);
        this.dst = dst;
    }

    /**
     * A request for a tensor that was found, or listed.
     *
     * @param tensor which one
     * @param dst where its values go: from the position on, which is not moved
     * @return the request
     */
    public static ReadRequest of(Tensor tensor, ByteBuffer dst) {
        return new ReadRequest(tensor.rawName(), Slice.all(), dst);
    }

    /**
     * A request for the tensor of a name.
     *
     * @param name which one
     * @param dst where its values go: from the position on, which is not moved
     * @return the request
     */
    public static ReadRequest of(String name, ByteBuffer dst) {
        return new ReadRequest(Utf8.encode(name), Slice.all(), dst);
    }

    /**
     * The same for a slice.
     *
     * @param slice which part
     * @return a request for that
     */
    public ReadRequest slice(Slice slice) {
        return new ReadRequest(name, slice, dst);
    }

    byte[] name() {
        return name;
    }

    Slice slice() {
        return slice;
    }

    ByteBuffer dst() {
        return dst;
    }
}
