package org.tfckpt;

/** What kind of error it is. */
public enum Status {
    /** The call asks for something that makes no sense. */
    INVALID_ARGUMENT(1),
    /** There is no such file, or no such tensor. */
    NOT_FOUND(2),
    /** The operating system refused a read, a write or a look at a directory. */
    IO(3),
    /** The bytes are not what they should be: damaged, cut short, contradictory. */
    DATA_LOSS(4),
    /** The file is sound but asks for what this version does not do. */
    UNSUPPORTED(5),
    /** The array or buffer is smaller than what is to go into it. */
    BUFFER_TOO_SMALL(6),
    /** What was to be created is there already. */
    ALREADY_EXISTS(7),
    /** It was called off, by {@link Progress#cancel()}. */
    CANCELLED(8),
    /** A limit was crossed: one that the caller may raise, or what an array of Java can hold. */
    RESOURCE_LIMIT(9),
    /** A defect of the library. */
    INTERNAL(99);

    private final int number;

    Status(int number) {
        this.number = number;
    }

    /**
     * Its number in the C API.
     *
     * @return the number
     */
    public int number() {
        return number;
    }

    /** That of a number; one that is not known is taken for a defect. */
    static Status of(int number) {
        for (Status status : values()) {
            if (status.number == number) {
                return status;
            }
        }
        return INTERNAL;
    }
}
