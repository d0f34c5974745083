package org.tfckpt;

import java.util.Objects;

/** What a tensor is that is added to a checkpoint, or a slice of one. It never changes. */
public final class TensorSpec {
    private final byte[] name;
    private final DType dtype;
    private final Shape shape;
    private final Slice slice;

    private TensorSpec(byte[] name, DType dtype, Shape shape, Slice slice) {
        this.name = name;
        this.dtype = Objects.requireNonNull(dtype);
        this.shape = Objects.requireNonNull(shape);
        this.slice = Objects.requireNonNull(slice);
    }

    /**
     * A whole tensor.
     *
     * @param name its name
     * @param dtype the type of its elements
     * @param shape its dimensions
     * @return what it is
     */
    public static TensorSpec of(String name, DType dtype, Shape shape) {
        return new TensorSpec(Utf8.encode(name), dtype, shape, Slice.all());
    }

    /**
     * A whole tensor, whose name need not be UTF-8.
     *
     * @param name the bytes of its name
     * @param dtype the type of its elements
     * @param shape its dimensions
     * @return what it is
     */
    public static TensorSpec of(byte[] name, DType dtype, Shape shape) {
        return new TensorSpec(name.clone(), dtype, shape, Slice.all());
    }

    /**
     * A slice of it, to be stored for itself. Slices may come in any order, and among other tensors,
     * but must not overlap.
     *
     * @param slice which part
     * @return what that is
     */
    public TensorSpec slice(Slice slice) {
        return new TensorSpec(name, dtype, shape, slice);
    }

    byte[] name() {
        return name;
    }

    DType dtype() {
        return dtype;
    }

    long[] dims() {
        return shape.raw();
    }

    long[] slice() {
        return slice.raw();
    }
}
