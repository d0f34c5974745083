package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tutorial: read it from the top. It is run, so what it says is so. */
class TutorialTest {
    @TempDir
    Path models;

    private Path checkpoint;

    /** A checkpoint is written tensor by tensor, and appears when it is finished. */
    @BeforeEach
    void save() throws IOException {
        checkpoint = models.resolve("ckpt-100");
        try (Writer writer = Writer.create(checkpoint)) {
            // An array, with its shape. The type is that of the array.
            writer.add("dense/kernel", Shape.of(2, 3), new float[] {1, 2, 3, 4, 5, 6});
            writer.add("step", Shape.scalar(), new long[] {100});
            writer.addStrings("vocabulary", Shape.of(3), List.of("the", "caf\u00E9", "\u732B"));

            // What has no type of its own in Java: 16 bits of any kind are a short.
            TensorSpec half = TensorSpec.of("dense/bias", DType.BFLOAT16, Shape.of(3));
            writer.add(half, new short[] {0x3f80, 0, 0x4000});

            // A partitioned variable: each part is a slice of the whole.
            Shape table = Shape.of(4, 2);
            TensorSpec embedding = TensorSpec.of("embedding", DType.FLOAT, table);
            writer.add(embedding.slice(Slice.rows(table, 0, 2)), new float[] {0, 0, 1, 1});
            writer.add(embedding.slice(Slice.rows(table, 2, 2)), new float[] {2, 2, 3, 3});

            // What does not fit into memory goes through a channel.
            try (TensorStream stream = writer.stream(TensorSpec.of("large", DType.INT32, Shape.of(1000)))) {
                ByteBuffer piece = ByteBuffer.allocateDirect(400).order(ByteOrder.nativeOrder());
                for (int i = 0; i < 1000; i++) {
                    piece.putInt(i);
                    if (!piece.hasRemaining()) {
                        stream.write(piece.flip());
                        piece.clear();
                    }
                }
            }
            writer.finish(); // without this, closing leaves nothing behind
        }
    }

    @Test
    void look() {
        try (Reader reader = Reader.open(checkpoint)) {
            // A reader goes through its tensors by name.
            List<String> lines = new ArrayList<>();
            for (Tensor tensor : reader) {
                lines.add(tensor.name() + " " + tensor.dtype() + tensor.shape());
            }
            assertEquals(
                    List.of(
                            "dense/bias BFLOAT16[3]",
                            "dense/kernel FLOAT[2, 3]",
                            "embedding FLOAT[4, 2]",
                            "large INT32[1000]",
                            "step INT64[]",
                            "vocabulary STRING[3]"),
                    lines);

            // Or as a stream.
            long floats = reader.stream().filter(tensor -> tensor.dtype() == DType.FLOAT).count();
            assertEquals(2, floats);

            // One that may be missing is an Optional; get() throws.
            Optional<Tensor> none = reader.find("dense/kernel/Adam");
            assertFalse(none.isPresent());
        }
    }

    @Test
    void read() {
        try (Reader reader = Reader.open(checkpoint)) {
            // Into a new array.
            float[] kernel = reader.get("dense/kernel").readFloats();
            assertEquals(6, kernel[5]);

            // A scalar is an array of one.
            assertEquals(100, reader.get("step").readLongs()[0]);

            // Strings. Where they need not be UTF-8, readStringBytes().
            assertEquals(List.of("the", "caf\u00E9", "\u732B"), reader.get("vocabulary").readStrings());

            // A part of a tensor: only what is needed is read, whatever it was stored in.
            Tensor embedding = reader.get("embedding");
            float[] rows = embedding.readFloats(Slice.rows(embedding.shape(), 1, 2));
            assertEquals(2, rows[2]);

            // Into a direct buffer of one's own, without a copy.
            ByteBuffer buffer = ByteBuffer.allocateDirect(24).order(ByteOrder.nativeOrder());
            reader.get("dense/kernel").read(buffer);
            FloatBuffer values = buffer.flip().asFloatBuffer();
            assertEquals(4, values.get(3));

            // As it lies in the file: nothing is copied, and the buffer may be kept.
            try (View view = reader.get("dense/kernel").view()) {
                assertEquals(2, view.buffer().getFloat(4));
            }
        }
    }

    /** Tensors of any size are read in parts, which are checked once as a whole. */
    @Test
    void readInParts() {
        try (Reader reader = Reader.open(checkpoint)) {
            Tensor large = reader.get("large").checked();
            ByteBuffer part = ByteBuffer.allocateDirect(300).order(ByteOrder.nativeOrder());
            long sum = 0;
            for (long at = 0; at < large.shape().numElements(); ) {
                at += large.readRange(at, part.clear());
                for (part.flip(); part.hasRemaining(); ) {
                    sum += part.getInt();
                }
            }
            assertEquals(499_500, sum);
        }
    }

    /** Many are read in the order in which they lie on disk, by several threads, and watched. */
    @Test
    void readMany() {
        StringBuilder bar = new StringBuilder();
        try (Reader reader = Reader.open(checkpoint);
                // Told by this thread, and asked whether to go on. Without one, other threads ask it.
                Progress progress = new Progress((done, total) -> bar.append('#').length() < 80)) {
            List<ReadRequest> requests = reader.stream()
                    .filter(tensor -> !tensor.dtype().hasStrings())
                    .map(tensor -> ReadRequest.of(tensor, ByteBuffer.allocateDirect((int) tensor.readSize())))
                    .collect(Collectors.toList());
            reader.readMany(requests, ReadOptions.defaults().threads(2).progress(progress));
            assertEquals(progress.total(), progress.done());
        }
    }

    /** Whatever is wrong is an exception that says where. */
    @Test
    void errors() {
        try (Reader reader = Reader.open(checkpoint)) {
            reader.get("dense/gamma");
        } catch (TfckptException e) {
            assertEquals(Status.NOT_FOUND, e.status());
            assertEquals("dense/gamma", e.tensor().orElseThrow());
            assertEquals(models.resolve("ckpt-100.index"), e.file().orElseThrow());
        }
    }

    @Test
    void wholeCheckpoints() {
        // Is all of it as it was written?
        assertTrue(Checkpoint.verify(checkpoint).isOk());

        // Several become one.
        Path other = models.resolve("other");
        try (Writer writer = Writer.create(other)) {
            writer.add("more", Shape.scalar(), new int[] {1});
            writer.finish();
        }
        Path merged = models.resolve("merged");
        Checkpoint.merge(merged, List.of(checkpoint, other));
        try (Reader reader = Reader.open(merged)) {
            assertEquals(7, reader.count());
        }
    }
}
