package org.tfckpt;

import java.util.function.Consumer;

/** A range of the elements of a tensor in C order, as slices of it. */
final class Ranges {
    private Ranges() {}

    /** Gives the slices that make up count elements from first on, in order; none for no elements. */
    static void split(Shape shape, long first, long count, Consumer<Slice> to) {
        if (count > 0) {
            long[] starts = new long[shape.rank()];
            long[] lengths = new long[shape.rank()];
            split(shape.raw(), 0, starts, lengths, first, count, to);
        }
    }

    /** The range lies within what starts and lengths choose of the dimensions before. */
    private static void split(
            long[] dims, int depth, long[] starts, long[] lengths, long first, long count, Consumer<Slice> to) {
        if (depth == dims.length) {
            to.accept(Slice.of(starts, lengths));
            return;
        }
        long row = rowSize(dims, depth);
        long at = first;
        long left = count;
        while (left > 0) {
            long within = at % row;
            boolean whole = within == 0 && left >= row;
            long rows = whole ? left / row : 1;
            long taken = whole ? rows * row : Math.min(row - within, left);
            starts[depth] = at / row;
            lengths[depth] = rows;
            if (whole) {
                takeAll(dims, depth + 1, starts, lengths);
                to.accept(Slice.of(starts, lengths));
            } else {
                split(dims, depth + 1, starts, lengths, within, taken, to);
            }
            at += taken;
            left -= taken;
        }
    }

    private static void takeAll(long[] dims, int from, long[] starts, long[] lengths) {
        for (int i = from; i < dims.length; i++) {
            starts[i] = 0;
            lengths[i] = dims[i];
        }
    }

    /** How many elements one step along a dimension has. */
    private static long rowSize(long[] dims, int depth) {
        long size = 1;
        for (int i = depth + 1; i < dims.length; i++) {
            size *= dims[i];
        }
        return size;
    }
}
