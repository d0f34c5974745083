package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tensor of more than 2 GiB is written and read in parts. */
class LargeTest {
    /** Some more than an int can count. */
    private static final long COUNT = (1L << 31) + 12_345;

    private static final int PART = 16 << 20;

    @TempDir
    Path directory;

    private Path write() throws IOException {
        Path path = directory.resolve("large");
        ByteBuffer part = ByteBuffer.allocateDirect(PART);
        try (Writer writer = Writer.builder(path).sync(false).create()) {
            try (TensorStream stream = writer.stream(TensorSpec.of("t", DType.UINT8, Shape.of(COUNT)))) {
                for (long at = 0; at < COUNT; at += PART) {
                    part.clear().limit((int) Math.min(PART, COUNT - at));
                    part.put(part.limit() - 1, (byte) (at / PART));
                    stream.write(part);
                }
            }
            writer.finish();
        }
        return path;
    }

    @Test
    void inParts() throws IOException {
        try (Reader reader = Reader.open(write())) {
            Tensor tensor = reader.get("t");
            assertEquals(COUNT, tensor.readSize());
            Expect.fails(Status.RESOURCE_LIMIT, tensor::read);
            Expect.fails(Status.RESOURCE_LIMIT, tensor::readBytes);
            Expect.fails(Status.BUFFER_TOO_SMALL, () -> tensor.read(ByteBuffer.allocateDirect(PART)));
            Expect.fails(Status.BUFFER_TOO_SMALL, () -> tensor.read(ByteBuffer.allocate(10)));
            Tensor checked = tensor.checked();
            ByteBuffer part = ByteBuffer.allocateDirect(PART).order(ByteOrder.nativeOrder());
            long at = 0;
            while (at < COUNT) {
                long first = at;
                at += checked.readRange(at, part.clear());
                assertEquals((byte) (first / PART), part.get(part.position() - 1));
            }
            assertEquals(COUNT, at);
            assertEquals(1, checked.read(new byte[1], 0, Slice.of(new long[] {COUNT - 1}, new long[] {1})));
            try (View view = checked.view()) {
                assertEquals(COUNT, view.size());
                Expect.fails(Status.RESOURCE_LIMIT, view::buffer);
                assertEquals((byte) (COUNT / PART), view.buffer(COUNT - 10, 10).get(9));
            }
        }
    }
}
