package org.tfckpt;

import java.util.EnumSet;
import java.util.Set;

/** The arrays that values go into; in the order in which the native functions number them. */
enum ArrayKind {
    BYTES(
            "byte[]",
            DType.INT8,
            DType.UINT8,
            DType.BOOL,
            DType.QINT8,
            DType.QUINT8,
            DType.FLOAT8_E5M2,
            DType.FLOAT8_E4M3FN,
            DType.FLOAT8_E4M3FNUZ,
            DType.FLOAT8_E4M3B11FNUZ,
            DType.FLOAT8_E5M2FNUZ,
            DType.INT4,
            DType.UINT4,
            DType.INT2,
            DType.UINT2,
            DType.FLOAT4_E2M1FN),
    BOOLEANS("boolean[]", DType.BOOL),
    SHORTS(
            "short[]",
            DType.INT16,
            DType.UINT16,
            DType.HALF,
            DType.BFLOAT16,
            DType.QINT16,
            DType.QUINT16),
    INTS("int[]", DType.INT32, DType.UINT32, DType.QINT32),
    LONGS("long[]", DType.INT64, DType.UINT64),
    FLOATS("float[]", DType.FLOAT),
    DOUBLES("double[]", DType.DOUBLE);

    private final String java;
    private final Set<DType> dtypes;

    ArrayKind(String java, DType first, DType... others) {
        this.java = java;
        this.dtypes = EnumSet.of(first, others);
    }

    void check(DType dtype, byte[] name) {
        if (!dtypes.contains(dtype)) {
            throw new TfckptException(
                    Status.INVALID_ARGUMENT,
                    "tensor \"" + Utf8.show(name) + "\" is " + dtype + ", which a " + java + " is not for",
                    name);
        }
    }
}
