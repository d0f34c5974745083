package org.tfckpt;

/** The types of elements, under the names of TensorFlow. */
public enum DType {
    /** IEEE 754, 4 bytes: {@code float}. */
    FLOAT(1, 4),
    /** IEEE 754, 8 bytes: {@code double}. */
    DOUBLE(2, 8),
    /** 4 bytes: {@code int}. */
    INT32(3, 4),
    /** 1 byte. */
    UINT8(4, 1),
    /** 2 bytes: {@code short}. */
    INT16(5, 2),
    /** 1 byte: {@code byte}. */
    INT8(6, 1),
    /** Bytes, as many as each element likes. */
    STRING(7, 0),
    /** Two {@link #FLOAT}: real part, imaginary part. */
    COMPLEX64(8, 8),
    /** 8 bytes: {@code long}. */
    INT64(9, 8),
    /** 1 byte, 0 or 1. */
    BOOL(10, 1),
    /** Quantized, 1 byte. */
    QINT8(11, 1),
    /** Quantized, 1 byte. */
    QUINT8(12, 1),
    /** Quantized, 4 bytes. */
    QINT32(13, 4),
    /** The upper half of a {@link #FLOAT}, 2 bytes. */
    BFLOAT16(14, 2),
    /** Quantized, 2 bytes. */
    QINT16(15, 2),
    /** Quantized, 2 bytes. */
    QUINT16(16, 2),
    /** 2 bytes. */
    UINT16(17, 2),
    /** Two {@link #DOUBLE}: real part, imaginary part. */
    COMPLEX128(18, 16),
    /** IEEE 754, 2 bytes. */
    HALF(19, 2),
    /** A handle of a running program: there are no values of it in a file. */
    RESOURCE(20, 0),
    /** Any object, each element as a serialized VariantTensorDataProto, read and written as bytes. */
    VARIANT(21, 0),
    /** 4 bytes. */
    UINT32(22, 4),
    /** 8 bytes. */
    UINT64(23, 8),
    /** 1 byte. */
    FLOAT8_E5M2(24, 1),
    /** 1 byte. */
    FLOAT8_E4M3FN(25, 1),
    /** 1 byte. */
    FLOAT8_E4M3FNUZ(26, 1),
    /** 1 byte. */
    FLOAT8_E4M3B11FNUZ(27, 1),
    /** 1 byte. */
    FLOAT8_E5M2FNUZ(28, 1),
    /** 1 byte each, of which 4 bits are used. */
    INT4(29, 1),
    /** 1 byte each, of which 4 bits are used. */
    UINT4(30, 1),
    /** 1 byte each, of which 2 bits are used. */
    INT2(31, 1),
    /** 1 byte each, of which 2 bits are used. */
    UINT2(32, 1),
    /** 1 byte each, of which 4 bits are used. */
    FLOAT4_E2M1FN(33, 1),
    /** A type that this version does not know, or a reference. No checkpoint has values of it. */
    UNKNOWN(0, 0);

    private static final DType[] BY_NUMBER = new DType[34];

    static {
        for (DType dtype : values()) {
            BY_NUMBER[dtype.number] = dtype;
        }
    }

    private final int number;
    private final int size;

    DType(int number, int size) {
        this.number = number;
        this.size = size;
    }

    /**
     * Its number in the format.
     *
     * @return the number of TensorFlow's DataType
     */
    public int number() {
        return number;
    }

    /**
     * Bytes of one element.
     *
     * @return the size; 0 for strings and variants, and for types without values in a file
     */
    public int size() {
        return size;
    }

    /**
     * Its name as TensorFlow has it.
     *
     * @return the name: {@code DT_FLOAT}
     */
    public String tensorFlowName() {
        return "DT_" + name();
    }

    /**
     * Whether the elements are bytes of any length each.
     *
     * @return true for {@link #STRING} and {@link #VARIANT}
     */
    public boolean hasStrings() {
        return this == STRING || this == VARIANT;
    }

    /**
     * The type of a number.
     *
     * @param number a number of TensorFlow's DataType
     * @return the type; {@link #UNKNOWN} for a number that is none, or a reference
     */
    public static DType of(int number) {
        return number > 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNKNOWN;
    }
}
