package org.tfckpt;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Checkpoints that tests write for themselves. */
final class Samples {
    private Samples() {}

    /** Writes a checkpoint, and returns its prefix. */
    static Path write(Path prefix, Consumer<Writer> add) {
        try (Writer writer = Writer.builder(prefix).sync(false).create()) {
            add.accept(writer);
            writer.finish();
        }
        return prefix;
    }

    /** One of all kinds: a matrix, a tensor in slices, strings, and one of no elements. */
    static Path sample(Path directory) {
        return write(directory.resolve("sample"), writer -> {
            writer.add("a/matrix", Shape.of(3, 4), counted(12));
            TensorSpec parts = TensorSpec.of("b/parts", DType.DOUBLE, Shape.of(4));
            writer.add(parts.slice(Slice.parse("2,2")), new double[] {2, 3});
            writer.add(parts.slice(Slice.parse("0,2")), new double[] {0, 1});
            writer.addStrings("c/words", Shape.of(3), List.of("", "eins", "\uD83D\uDE00"));
            writer.add("empty", Shape.of(0, 5), new int[0]);
            writer.add("scalar", Shape.scalar(), new long[] {42});
        });
    }

    static float[] counted(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        return values;
    }
}
