package org.tfckpt;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** What requests have, in an array of names and one of numbers: the native code takes it apart again. */
final class Packed {
    private final ByteArrayOutputStream names = new ByteArrayOutputStream();
    private long[] numbers = new long[64];
    private int count;

    /** A name, whose length is the next number. */
    void addName(byte[] name) {
        names.write(name, 0, name.length);
        add(name.length);
    }

    void add(long number) {
        if (count == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * count);
        }
        numbers[count++] = number;
    }

    void addAll(long[] all) {
        for (long number : all) {
            add(number);
        }
    }

    byte[] names() {
        return names.toByteArray();
    }

    long[] numbers() {
        return Arrays.copyOf(numbers, count);
    }
}
