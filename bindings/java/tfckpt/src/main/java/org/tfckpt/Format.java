package org.tfckpt;

/** In which format a checkpoint is. */
public enum Format {
    /** Table files with the values in them. */
    V1(1),
    /** An index and data shards. */
    V2(2);

    private final int number;

    Format(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static Format of(int number) {
        return number == 1 ? V1 : V2;
    }
}
