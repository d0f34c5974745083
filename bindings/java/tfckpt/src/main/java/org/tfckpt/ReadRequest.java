package org.tfckpt;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Objects;

/** One of the tensors that {@link Reader#readMany} reads, and where it goes. */
public final class ReadRequest {
    private final byte[] name;
    private final Slice slice;
    private final ByteBuffer dst;

    /** None where it is packed. */
    private final long[] strides;

    private ReadRequest(byte[] name, Slice slice, ByteBuffer dst, long[] strides) {
        if (dst.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        if (strides.length > 0 && !slice.isAll() && slice.rank() != strides.length) {
            throw new IllegalArgumentException(strides.length + " strides for " + slice);
        }
        this.name = name;
        this.slice = slice;
        this.dst = dst;
        this.strides = strides;
    }

    private static ReadRequest packed(byte[] name, ByteBuffer dst) {
        return new ReadRequest(name, Slice.all(), dst, new long[0]);
    }

    /**
     * A request for a tensor that was found, or listed.
     *
     * @param tensor which one
     * @param dst where its values go: from the position on, which is not moved
     * @return the request
     */
    public static ReadRequest of(Tensor tensor, ByteBuffer dst) {
        return packed(tensor.rawName(), dst);
    }

    /**
     * A request for the tensor of a name.
     *
     * @param name which one
     * @param dst where its values go: from the position on, which is not moved
     * @return the request
     */
    public static ReadRequest of(String name, ByteBuffer dst) {
        return packed(Utf8.encode(name), dst);
    }

    /**
     * The same for a slice.
     *
     * @param slice which part
     * @return a request for that
     * @throws IllegalArgumentException where it has other dimensions than there are strides
     */
    public ReadRequest slice(Slice slice) {
        return new ReadRequest(name, Objects.requireNonNull(slice), dst, strides);
    }

    /**
     * The same into a part of a larger array: how many bytes lie between the first of neighbours
     * along each dimension of what is read. The bytes between stay as they are.
     *
     * <pre>{@code
     * // The two halves of a matrix of 1000 columns of floats, side by side.
     * reader.readMany(List.of(ReadRequest.of("left", matrix.duplicate().position(0)).strides(4000, 4)));
     * reader.readMany(List.of(ReadRequest.of("right", matrix.duplicate().position(2000)).strides(4000, 4)));
     * }</pre>
     *
     * <p>What two requests of one call may write to, from the position of a buffer to its limit, must not
     * overlap, even where they leave it out. All of that is copied to and fro where the buffer is not
     * direct.
     *
     * @param bytes for each dimension, outermost first: a multiple of the element size, and no less than
     *     what neighbours along it take; none for what is packed
     * @return a request for that
     * @throws IllegalArgumentException where a slice has other dimensions
     */
    public ReadRequest strides(long... bytes) {
        return new ReadRequest(name, slice, dst, bytes.clone());
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

    /** The array itself, for those who leave it alone. */
    long[] strides() {
        return strides;
    }
}
