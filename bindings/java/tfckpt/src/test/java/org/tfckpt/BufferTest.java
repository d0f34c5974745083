package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is touched of a buffer but what it shows. */
class BufferTest {
    private static final List<IntFunction<ByteBuffer>> KINDS =
            List.of(ByteBuffer::allocate, ByteBuffer::allocateDirect);

    @TempDir
    Path directory;

    private Reader reader;
    private Tensor matrix;

    @BeforeEach
    void open() {
        reader = Reader.open(Samples.sample(directory));
        matrix = reader.get("a/matrix"); // of 48 bytes
    }

    @AfterEach
    void close() {
        reader.close();
    }

    private static ByteBuffer filled(IntFunction<ByteBuffer> kind, int size) {
        ByteBuffer buffer = kind.apply(size).order(ByteOrder.nativeOrder());
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0x55);
        }
        return buffer.clear();
    }

    /** What lies before and behind what was read is as it was. */
    private static void expectUntouched(ByteBuffer buffer, int from, int to) {
        for (int i = 0; i < buffer.capacity(); i++) {
            if (i < from || i >= to) {
                assertEquals(0x55, buffer.get(i), "byte " + i);
            }
        }
    }

    @Test
    void positionAndLimitAreKeptTo() {
        for (IntFunction<ByteBuffer> kind : KINDS) {
            ByteBuffer whole = filled(kind, 100);
            ByteBuffer part = whole.duplicate().order(ByteOrder.nativeOrder()).position(8).limit(90);
            matrix.read(part);
            assertEquals(56, part.position());
            assertEquals(90, part.limit());
            assertEquals(11, part.getFloat(52));
            expectUntouched(whole.limit(100), 8, 56);
        }
    }

    @Test
    void aSliceOfABufferIsAnOther() {
        for (IntFunction<ByteBuffer> kind : KINDS) {
            ByteBuffer whole = filled(kind, 100);
            ByteBuffer slice = whole.duplicate().position(20).limit(68).slice().order(ByteOrder.nativeOrder());
            matrix.read(slice);
            assertEquals(0, slice.remaining());
            assertEquals(1, slice.getFloat(4));
            expectUntouched(whole, 20, 68);
            Expect.fails(Status.BUFFER_TOO_SMALL, () -> matrix.read(slice));
        }
    }

    @Test
    void tooSmallIsSeenBeforeAnythingIsRead() {
        for (IntFunction<ByteBuffer> kind : KINDS) {
            ByteBuffer buffer = filled(kind, 100).position(20).limit(67);
            TfckptException e = Expect.fails(Status.BUFFER_TOO_SMALL, () -> matrix.read(buffer));
            assertEquals("a/matrix", e.tensor().orElseThrow());
            assertEquals(20, buffer.position());
            expectUntouched(buffer.limit(100), 0, 0);
            ReadRequest request = ReadRequest.of(matrix, buffer.position(20).limit(67));
            Expect.fails(Status.BUFFER_TOO_SMALL, () -> reader.readMany(List.of(request)));
            buffer.clear();
            expectUntouched(buffer, 0, 0);
        }
    }

    @Test
    void readOnlyIsRefused() {
        for (IntFunction<ByteBuffer> kind : KINDS) {
            ByteBuffer buffer = filled(kind, 100).asReadOnlyBuffer();
            assertThrows(ReadOnlyBufferException.class, () -> matrix.read(buffer));
            assertThrows(ReadOnlyBufferException.class, () -> matrix.readRange(0, buffer));
            assertThrows(ReadOnlyBufferException.class, () -> ReadRequest.of(matrix, buffer));
            expectUntouched(buffer, 0, 0);
        }
    }

    @Test
    void theNativeFunctionsCheckBoundsToo() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(48);
        byte[] name = matrix.nameBytes();
        long[][] bad = {{-1, 10}, {0, -1}, {0, 49}, {1, 48}, {49, 0}, {Long.MAX_VALUE, 1}, {1, Long.MAX_VALUE}};
        for (long[] bounds : bad) {
            Expect.fails(
                    Status.INVALID_ARGUMENT,
                    () -> reader.run(r -> Native.readDirect(r, name, null, null, buffer, bounds[0], bounds[1])));
        }
    }

    @Test
    void manyReadsKeepToTheirBuffers() {
        ByteBuffer heap = filled(ByteBuffer::allocate, 100).position(4);
        ByteBuffer direct = filled(ByteBuffer::allocateDirect, 100).position(30);
        reader.readMany(List.of(
                ReadRequest.of("a/matrix", heap),
                ReadRequest.of(matrix, direct).slice(Slice.rows(matrix.shape(), 1, 1))));
        assertEquals(4, heap.position());
        assertEquals(30, direct.position());
        assertEquals(11, heap.getFloat(48));
        assertEquals(7, direct.getFloat(42));
        expectUntouched(heap, 4, 52);
        expectUntouched(direct, 30, 46);
    }

    /** The matrix of 3 by 4 as columns 2 to 5 of one of 3 by 7, and its last column as the first one. */
    @Test
    void rowsLieApart() {
        for (IntFunction<ByteBuffer> kind : KINDS) {
            ByteBuffer whole = filled(kind, 3 * 28 + 3);
            reader.readMany(List.of(
                    ReadRequest.of(matrix, whole.duplicate().position(8)).strides(28, 4)));
            Slice last = Slice.parse("-:3,1");
            reader.readMany(List.of(ReadRequest.of(matrix, whole.duplicate().limit(2 * 28 + 4)).slice(last).strides(28, 4)));
            for (int row = 0; row < 3; row++) {
                assertEquals(4 * row + 3, whole.getFloat(28 * row));
                for (int column = 0; column < 4; column++) {
                    assertEquals(4 * row + column, whole.getFloat(28 * row + 8 + 4 * column));
                }
                for (int between : new int[] {4, 7, 24, 27}) {
                    assertEquals(0x55, whole.get(28 * row + between));
                }
            }
            expectUntouched(whole, 0, 3 * 28);
        }
    }

    @Test
    void stridesThatAreNotAsTheyShouldBe() {
        for (IntFunction<ByteBuffer> kind : KINDS) {
            ByteBuffer whole = filled(kind, 100);
            ReadRequest request = ReadRequest.of(matrix, whole);
            for (long[] strides : new long[][] {{48}, {-16, 4}, {16, 2}, {8, 4}, {16, 4, 4}, {Long.MAX_VALUE, 4}}) {
                TfckptException e =
                        Expect.outcome(() -> reader.readMany(List.of(request.strides(strides))));
                assertTrue(
                        e.status() == Status.INVALID_ARGUMENT || e.status() == Status.BUFFER_TOO_SMALL, e.getMessage());
            }
            Expect.fails(Status.BUFFER_TOO_SMALL, () -> reader.readMany(List.of(request.strides(44, 4))));
            expectUntouched(whole, 0, 0);
            assertThrows(IllegalArgumentException.class, () -> request.strides(4).slice(Slice.parse("-:-")));
            assertThrows(IllegalArgumentException.class, () -> request.slice(Slice.parse("-:-")).strides(4));
            reader.readMany(List.of(request.strides(40, 4).strides(36, 4)));
            assertEquals(11, whole.getFloat(84));
            expectUntouched(whole, 0, 88);
            assertEquals(0x55, whole.get(16));
        }
    }

    @Test
    void arraysAreFilledFromAnOffset() {
        float[] values = new float[20];
        assertEquals(12, matrix.read(values, 5, Slice.all()));
        assertEquals(0, values[4]);
        assertEquals(11, values[16]);
        assertEquals(0, values[17]);
        assertEquals(4, matrix.read(values, 16, Slice.rows(matrix.shape(), 2, 1)));
        assertEquals(11, values[19]);
        Expect.fails(Status.BUFFER_TOO_SMALL, () -> matrix.read(values, 9, Slice.all()));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.read(values, 21, Slice.all()));
        assertThrows(IndexOutOfBoundsException.class, () -> matrix.read(values, -1, Slice.all()));
        Expect.fails(Status.INVALID_ARGUMENT, () -> matrix.read(new double[12], 0, Slice.all()));
    }

    @Test
    void writingTakesWhatRemains() {
        byte[] bytes = {9, 1, 2, 3, 9};
        ByteBuffer direct = ByteBuffer.allocateDirect(5).put(bytes).position(1).limit(4);
        ByteBuffer heap = ByteBuffer.wrap(bytes, 1, 3);
        List<ByteBuffer> all = List.of(
                direct.duplicate(),
                direct.asReadOnlyBuffer(),
                heap.duplicate(),
                heap.slice(),
                heap.asReadOnlyBuffer(),
                direct.slice().asReadOnlyBuffer());
        TensorSpec spec = TensorSpec.of("whole", DType.UINT8, Shape.of(18));
        Path prefix = Samples.write(directory.resolve("written"), writer -> {
            for (int i = 0; i < all.size(); i++) {
                writer.add(spec.slice(Slice.of(new long[] {3 * i}, new long[] {3})), all.get(i));
            }
        });
        all.forEach(buffer -> assertEquals(0, buffer.remaining()));
        try (Reader written = Reader.open(prefix)) {
            byte[] expected = new byte[18];
            for (int i = 0; i < 18; i++) {
                expected[i] = (byte) (i % 3 + 1);
            }
            assertArrayEquals(expected, written.get("whole").readBytes());
        }
    }
}
