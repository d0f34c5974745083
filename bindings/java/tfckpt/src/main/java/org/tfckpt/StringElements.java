package org.tfckpt;

import java.util.Arrays;
import java.util.ArrayList;
import java.util.List;

/** The elements of a string tensor that was read, copied out of native memory some at a time. */
final class StringElements {
    private static final int MOST_BYTES = 1 << 22;
    private static final int MOST_ELEMENTS = 1 << 16;

    private final long strings;
    private final int count;

    StringElements(long strings) {
        this.strings = strings;
        long count = Native.stringsCount(strings);
        if (count > Integer.MAX_VALUE - 8) {
            throw new TfckptException(
                    Status.RESOURCE_LIMIT, count + " strings are more than an array of Java can hold", null);
        }
        this.count = (int) count;
    }

    private interface Taker {
        void take(int index, byte[] data, int from, int len);
    }

    byte[][] bytes() {
        byte[][] all = new byte[count][];
        each((index, data, from, len) -> all[index] = Arrays.copyOfRange(data, from, from + len));
        return all;
    }

    List<String> strings(byte[] tensor) {
        List<String> all = new ArrayList<>(count);
        each((index, data, from, len) -> all.add(decode(tensor, index, data, from, len)));
        return all;
    }

    private static String decode(byte[] tensor, int index, byte[] data, int from, int len) {
        String text = Utf8.decode(data, from, len);
        if (text == null) {
            throw new TfckptException(
                    Status.INVALID_ARGUMENT,
                    "element " + index + " of tensor \"" + Utf8.show(tensor) + "\" is not UTF-8: read its bytes",
                    tensor);
        }
        return text;
    }

    private void each(Taker taker) {
        long[] offsets = new long[0];
        for (int first = 0; first < count; first += offsets.length - 1) {
            offsets = new long[Math.min(count - first, MOST_ELEMENTS) + 1];
            Native.stringsOffsets(strings, first, offsets);
            eachOf(first, offsets, taker);
        }
    }

    /** Takes as many at a time as have not too many bytes, but one at least. */
    private void eachOf(int first, long[] offsets, Taker taker) {
        int end;
        for (int begin = 0; begin < offsets.length - 1; begin = end) {
            end = begin + 1;
            while (end < offsets.length - 1 && offsets[end + 1] - offsets[begin] <= MOST_BYTES) {
                end++;
            }
            byte[] data = new byte[Math.toIntExact(offsets[end] - offsets[begin])];
            Native.stringsData(strings, offsets[begin], data, data.length);
            for (int i = begin; i < end; i++) {
                int from = (int) (offsets[i] - offsets[begin]);
                taker.take(first + i, data, from, (int) (offsets[i + 1] - offsets[i]));
            }
        }
    }
}
