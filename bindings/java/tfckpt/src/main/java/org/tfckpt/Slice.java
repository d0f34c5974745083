package org.tfckpt;

import java.util.Arrays;

/** A part of a tensor: a range of each of its dimensions. It never changes. */
public final class Slice {
    /** The length of a dimension that is taken whole. */
    public static final long FULL = -1;

    private static final Slice ALL = new Slice(null);

    /** The starts, then the lengths; null for all of a tensor of any rank. */
    private final long[] ranges;

    private Slice(long[] ranges) {
        this.ranges = ranges;
    }

    /**
     * All of a tensor, of whatever rank.
     *
     * @return the slice
     */
    public static Slice all() {
        return ALL;
    }

    /**
     * A range of each dimension.
     *
     * @param starts where in each dimension it begins
     * @param lengths how many elements of each it has, {@link #FULL} for all of them, with a start
     *     of 0
     * @return the slice
     * @throws IllegalArgumentException where the two are not as many
     */
    public static Slice of(long[] starts, long[] lengths) {
        if (starts.length != lengths.length) {
            throw new IllegalArgumentException(starts.length + " starts and " + lengths.length + " lengths");
        }
        long[] ranges = Arrays.copyOf(starts, 2 * starts.length);
        System.arraycopy(lengths, 0, ranges, starts.length, lengths.length);
        return new Slice(ranges);
    }

    /**
     * Some rows of a tensor: a range of its outermost dimension and all of the others.
     *
     * @param shape the shape of the tensor, of at least one dimension
     * @param first the first row
     * @param count how many rows
     * @return the slice
     */
    public static Slice rows(Shape shape, long first, long count) {
        if (shape.rank() == 0) {
            throw new IllegalArgumentException("a scalar has no rows");
        }
        long[] starts = new long[shape.rank()];
        long[] lengths = new long[shape.rank()];
        Arrays.fill(lengths, FULL);
        starts[0] = first;
        lengths[0] = count;
        return of(starts, lengths);
    }

    /**
     * Parses TensorFlow's notation: {@code start,length} for each dimension, {@code -} for all of
     * one, with {@code :} between them.
     *
     * @param spec the text, such as {@code 0,4:-}
     * @return the slice
     * @throws IllegalArgumentException for anything else
     */
    public static Slice parse(String spec) {
        String[] parts = spec.split(":", -1);
        long[] starts = new long[parts.length];
        long[] lengths = new long[parts.length];
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].equals("-")) {
                lengths[i] = FULL;
                continue;
            }
            String[] range = parts[i].split(",", -1);
            if (range.length != 2) {
                throw new IllegalArgumentException("not a slice: " + spec);
            }
            starts[i] = Long.parseLong(range[0]);
            lengths[i] = Long.parseLong(range[1]);
        }
        return of(starts, lengths);
    }

    /** Of starts and lengths within an array of other numbers too. */
    static Slice at(long[] numbers, int from, int rank) {
        return new Slice(Arrays.copyOfRange(numbers, from, from + 2 * rank));
    }

    /**
     * Whether it is {@link #all()}.
     *
     * @return true for all of a tensor, of whatever rank
     */
    public boolean isAll() {
        return ranges == null;
    }

    /**
     * How many dimensions it has a range of.
     *
     * @return the rank; 0 for {@link #all()}
     */
    public int rank() {
        return ranges == null ? 0 : ranges.length / 2;
    }

    /**
     * Where it begins in a dimension.
     *
     * @param index which one, from 0, the outermost
     * @return the first element
     */
    public long start(int index) {
        return ranges[checked(index)];
    }

    /**
     * How many elements of a dimension it has.
     *
     * @param index which one, from 0, the outermost
     * @return the length; {@link #FULL} for all of them
     */
    public long length(int index) {
        return ranges[rank() + checked(index)];
    }

    private int checked(int index) {
        if (index < 0 || index >= rank()) {
            throw new IndexOutOfBoundsException("dimension " + index + " of " + rank());
        }
        return index;
    }

    /** How many elements it has of a tensor that it lies within. */
    long numElements(Shape shape) {
        if (ranges == null) {
            return shape.numElements();
        }
        long product = 1;
        for (int i = 0; i < rank(); i++) {
            product *= length(i) == FULL ? shape.dim(i) : length(i);
        }
        return product;
    }

    /** Starts and lengths, for those who leave them alone; null for all. */
    long[] raw() {
        return ranges;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Slice && Arrays.equals(ranges, ((Slice) other).ranges);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ranges);
    }

    /** Returns it in the notation of {@link #parse(String)}; {@link #all()} as {@code *}. */
    @Override
    public String toString() {
        if (ranges == null) {
            return "*";
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rank(); i++) {
            text.append(i == 0 ? "" : ":");
            text.append(length(i) == FULL ? "-" : start(i) + "," + length(i));
        }
        return text.toString();
    }
}
