package org.tfckpt.benchmarks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.tfckpt.DType;
import org.tfckpt.Shape;
import org.tfckpt.TensorSpec;
import org.tfckpt.Writer;

/** The checkpoints that are read, of tensors that are alike. */
final class Files {
    private Files() {}

    static String nameOf(int i) {
        return String.format("layer_%07d/kernel", i);
    }

    static String[] names(int count) {
        String[] names = new String[count];
        for (int i = 0; i < count; i++) {
            names[i] = nameOf(i);
        }
        return names;
    }

    static Path path(int count, int floats) {
        return Path.of(System.getProperty("tfckpt.bench.dir"), count + "x" + floats);
    }

    /** How many there are of something, of which a quick look takes fewer. */
    static int scaled(int count) {
        return Math.max(1, (int) (count * Double.parseDouble(System.getProperty("tfckpt.bench.scale", "1"))));
    }

    /** Writes one, if it is not there; it is in the page cache then. */
    static Path write(int count, int floats) {
        Path path = path(count, floats);
        if (java.nio.file.Files.exists(Path.of(path + ".index"))) {
            return path;
        }
        ByteBuffer values = memory(4 * floats);
        while (values.remaining() >= 4) {
            values.putFloat(values.position() * 0.25f);
        }
        try (Writer writer = Writer.builder(path).sync(false).create()) {
            for (int i = 0; i < count; i++) {
                writer.add(TensorSpec.of(nameOf(i), DType.FLOAT, Shape.of(floats)), values.rewind());
            }
            writer.finish();
        }
        return path;
    }

    /** Where values go, every page of it touched. */
    static ByteBuffer memory(int size) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
        for (int i = 0; i < size; i += 4096) {
            buffer.put(i, (byte) 1);
        }
        return buffer;
    }

    static void check(boolean ok) {
        if (!ok) {
            throw new IllegalStateException("a side of the benchmark has failed");
        }
    }
}
