package org.tfckpt;

import java.util.Arrays;

/** The dimensions of a tensor, outermost first. It never changes. */
public final class Shape {
    private static final Shape SCALAR = new Shape(new long[0]);

    private final long[] dims;

    Shape(long[] dims) {
        this.dims = dims;
    }

    /**
     * A shape of dimensions.
     *
     * @param dims the dimensions, outermost first; none for a scalar
     * @return the shape
     * @throws IllegalArgumentException for a negative dimension
     */
    public static Shape of(long... dims) {
        for (long dim : dims) {
            if (dim < 0) {
                throw new IllegalArgumentException("a dimension of " + dim);
            }
        }
        return new Shape(dims.clone());
    }

    /**
     * The shape of a single element.
     *
     * @return a shape of no dimensions
     */
    public static Shape scalar() {
        return SCALAR;
    }

    /**
     * How many dimensions there are.
     *
     * @return the rank; 0 for a scalar
     */
    public int rank() {
        return dims.length;
    }

    /**
     * One of the dimensions.
     *
     * @param index which one, from 0, the outermost
     * @return how many elements it has
     */
    public long dim(int index) {
        return dims[index];
    }

    /**
     * All dimensions.
     *
     * @return a copy of them
     */
    public long[] dims() {
        return dims.clone();
    }

    /**
     * How many elements there are.
     *
     * @return the product of the dimensions, 1 for a scalar
     * @throws ArithmeticException where it is no long
     */
    public long numElements() {
        long product = 1;
        for (long dim : dims) {
            if (dim == 0) {
                return 0;
            }
        }
        for (long dim : dims) {
            product = Math.multiplyExact(product, dim);
        }
        return product;
    }

    /** The array itself, for those who leave it alone. */
    long[] raw() {
        return dims;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape && Arrays.equals(dims, ((Shape) other).dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** Returns it as {@code [2, 3]}. */
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
