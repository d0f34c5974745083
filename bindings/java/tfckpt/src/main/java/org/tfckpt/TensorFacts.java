package org.tfckpt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Walks over what the native functions say of tensors: the names one behind the other, and the
 * numbers of each: the length of its name, dtype, rank, shard, offset, stored size, CRC, how many
 * slices; then its dimensions, and for each slice the starts and the lengths.
 */
final class TensorFacts {
    private final byte[] names;
    private final long[] numbers;
    private int atName;
    private int at;

    TensorFacts(Object[] pair) {
        names = (byte[]) pair[0];
        numbers = (long[]) pair[1];
    }

    boolean hasNext() {
        return at < numbers.length;
    }

    Tensor next(Reader reader) {
        byte[] name = Arrays.copyOfRange(names, atName, atName + (int) numbers[at]);
        atName += name.length;
        DType dtype = DType.of((int) numbers[at + 1]);
        int rank = (int) numbers[at + 2];
        Tensor.Place place = new Tensor.Place(
                (int) numbers[at + 3], numbers[at + 4], numbers[at + 5], (int) numbers[at + 6]);
        long slices = numbers[at + 7];
        at += 8;
        Shape shape = new Shape(Arrays.copyOfRange(numbers, at, at + rank));
        at += rank;
        return new Tensor(reader, name, dtype, shape, place, slices(rank, slices));
    }

    private List<Slice> slices(int rank, long count) {
        if (count == 0) {
            return List.of();
        }
        List<Slice> slices = new ArrayList<>();
        for (long i = 0; i < count; i++, at += 2 * rank) {
            slices.add(Slice.at(numbers, at, rank));
        }
        return List.copyOf(slices);
    }
}
