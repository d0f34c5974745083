package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading what this library wrote: lists, slices, many at once, options. */
class ReaderTest {
    @TempDir
    Path directory;

    @Test
    void lists() {
        try (Reader reader = Reader.open(Samples.sample(directory))) {
            assertEquals(
                    List.of("a/matrix", "b/parts", "c/words", "empty", "scalar"),
                    reader.stream().map(Tensor::name).collect(Collectors.toList()));
            assertEquals(
                    List.of("b/parts"),
                    StreamSupport.stream(reader.list("b/").spliterator(), false)
                            .map(Tensor::name)
                            .collect(Collectors.toList()));
            assertEquals(3, reader.stream().skip(1).limit(3).count());
            assertEquals(5, reader.stream().parallel().mapToLong(tensor -> 1).sum());
            Iterator<Tensor> all = reader.iterator();
            all.forEachRemaining(Tensor::name);
            assertThrows(NoSuchElementException.class, all::next);
            assertFalse(reader.list("nothing").iterator().hasNext());
            assertEquals("a/matrix FLOAT[3, 4]", reader.get("a/matrix").toString());
        }
    }

    @Test
    void hasLimits() {
        Path path = Samples.sample(directory);
        Expect.fails(Status.RESOURCE_LIMIT, () -> Reader.builder(path).maxIndex(50).open());
        assertThrows(IllegalArgumentException.class, () -> Reader.builder(path).maxTensors(-1));
        try (Reader reader = Reader.builder(path).maxTensorBytes(0).open()) {
            Expect.fails(Status.RESOURCE_LIMIT, () -> reader.get("c/words").readStrings());
        }
        try (Reader reader = Reader.builder(path).maxTensors(5).maxTensorBytes(1 << 20).open()) {
            assertEquals(5, reader.stream().count());
        }
    }

    @Test
    void manyAreListed() {
        Path path = Samples.write(directory.resolve("ckpt"), writer -> {
            for (int i = 0; i < 10_000; i++) {
                writer.add(String.format("t%05d", i), Shape.of(1, i % 3), new byte[i % 3]);
            }
        });
        try (Reader reader = Reader.open(path)) {
            int count = 0;
            for (Tensor tensor : reader) {
                assertEquals(String.format("t%05d", count), tensor.name());
                assertEquals(Shape.of(1, count % 3), tensor.shape());
                count++;
            }
            assertEquals(10_000, count);
        }
    }

    @Test
    void slices() {
        try (Reader reader = Reader.open(Samples.sample(directory))) {
            Tensor matrix = reader.get("a/matrix");
            assertArrayEquals(new float[] {5, 6, 9, 10}, matrix.readFloats(Slice.parse("1,2:1,2")));
            assertArrayEquals(Samples.counted(12), matrix.readFloats(Slice.parse("-:-")));
            assertEquals(16, matrix.readSize(Slice.rows(matrix.shape(), 2, 1)));
            assertEquals(
                    List.of("eins", "\uD83D\uDE00"), reader.get("c/words").readStrings(Slice.parse("1,2")));
            assertEquals(2, reader.get("b/parts").slices().size());
            assertArrayEquals(new double[] {1, 2}, reader.get("b/parts").readDoubles(Slice.parse("1,2")));
            assertArrayEquals(new long[] {42}, reader.get("scalar").readLongs(Slice.of(new long[0], new long[0])));
            assertEquals(0, reader.get("empty").readInts().length);
            for (String outside : List.of("0,4:-", "3,1:-", "-", "-1,1:-", "0,1:0,1:0,1")) {
                Expect.fails(Status.INVALID_ARGUMENT, () -> matrix.readFloats(Slice.parse(outside)));
            }
        }
    }

    @Test
    void rangesOfAnyLength() {
        Shape shape = Shape.of(3, 1, 4, 2);
        int[] values = new int[24];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Path path = Samples.write(directory.resolve("ckpt"), writer -> writer.add("t", shape, values));
        try (Reader reader = Reader.open(path)) {
            Tensor tensor = reader.get("t").checked();
            for (int first = 0; first <= 24; first++) {
                for (int count = 0; first + count <= 26; count++) {
                    ByteBuffer dst = ByteBuffer.allocate(4 * count + 3).order(ByteOrder.nativeOrder());
                    int there = Math.min(count, 24 - first);
                    assertEquals(there, tensor.readRange(first, dst));
                    assertEquals(4 * there, dst.position());
                    for (int i = 0; i < there; i++) {
                        assertEquals(first + i, dst.getInt(4 * i));
                    }
                }
            }
            assertThrows(IllegalArgumentException.class, () -> tensor.readRange(-1, ByteBuffer.allocate(4)));
        }
    }

    @Test
    void oneThatIsBeyondWhatArraysHold() throws IOException {
        // 2 GiB and some, most of it a hole in the file.
        Path path = directory.resolve("large");
        long rows = (1L << 21) + 3;
        try (Writer writer = Writer.builder(path).sync(false).create()) {
            TensorSpec spec = TensorSpec.of("large", DType.INT64, Shape.of(rows, 128));
            try (TensorStream stream = writer.stream(spec.slice(Slice.rows(Shape.of(rows, 128), rows - 1, 1)))) {
                ByteBuffer row = ByteBuffer.allocateDirect(1024).order(ByteOrder.nativeOrder());
                row.putLong(1016, 99);
                stream.write(row);
            }
            writer.finish();
        }
        try (Reader reader = Reader.open(path)) {
            Tensor large = reader.get("large");
            assertEquals(rows * 1024, large.byteSize());
            ByteBuffer last = ByteBuffer.allocateDirect(16).order(ByteOrder.nativeOrder());
            assertEquals(1, large.readRange(rows * 128 - 1, last));
            assertEquals(99, last.getLong(0));
            assertEquals(2, large.readRange(rows * 128 - 2, last.clear()));
            assertEquals(99, last.getLong(8));
        }
    }

    @Test
    void manyAtOnceNamesAllThatAreMissing() {
        try (Reader reader = Reader.open(Samples.sample(directory))) {
            for (ByteBuffer dst : List.of(ByteBuffer.allocate(48), ByteBuffer.allocateDirect(48))) {
                TfckptException e = Expect.fails(
                        Status.NOT_FOUND,
                        () -> reader.readMany(List.of(
                                ReadRequest.of("no", dst),
                                ReadRequest.of("a/matrix", ByteBuffer.allocate(48)),
                                ReadRequest.of("neither", ByteBuffer.allocate(0)))));
                assertEquals(List.of("neither", "no"), e.names());
            }
            reader.readMany(List.of());
        }
    }

    @Test
    void progressIsSeenAndCancels() {
        try (Reader reader = Reader.open(Samples.sample(directory));
                Progress progress = new Progress()) {
            ReadOptions watched = ReadOptions.defaults().progress(progress).threads(2).maxInFlight(1 << 20);
            reader.readMany(List.of(ReadRequest.of("a/matrix", ByteBuffer.allocateDirect(48))), watched);
            assertEquals(48, progress.done());
            assertTrue(reader.verify(watched).isOk());
            assertEquals(progress.total(), progress.done());
            assertFalse(progress.isCancelled());
            progress.cancel();
            assertTrue(progress.isCancelled());
            Expect.fails(Status.CANCELLED, () -> reader.verify(watched));
            Expect.fails(Status.CANCELLED, () -> reader.get("a/matrix").with(watched).read());
            Path dst = directory.resolve("merged");
            Expect.fails(
                    Status.CANCELLED,
                    () -> Checkpoint.merge(dst, List.of(reader.prefix()), MergeOptions.defaults().progress(progress)));
            assertFalse(Files.exists(directory.resolve("merged.index")));
        }
    }

    @Test
    void damageIsSeenUnlessItIsNotLookedFor() throws IOException {
        Path path = Samples.sample(directory);
        long offset;
        try (Reader reader = Reader.open(path)) {
            offset = reader.get("a/matrix").offset();
        }
        Path data = directory.resolve("sample.data-00000-of-00001");
        try (RandomAccessFile file = new RandomAccessFile(data.toFile(), "rw")) {
            file.seek(offset + 47);
            file.write(0);
        }
        try (Reader reader = Reader.open(path)) {
            Tensor matrix = reader.get("a/matrix");
            TfckptException e = Expect.fails(Status.DATA_LOSS, matrix::readFloats);
            assertEquals(data, e.file().orElseThrow());
            assertEquals("a/matrix", e.tensor().orElseThrow());
            assertEquals(0, e.shard().orElseThrow());
            assertTrue(e.offset().isPresent());
            Expect.fails(Status.DATA_LOSS, matrix::checked);
            Expect.fails(Status.DATA_LOSS, matrix::view);
            Tensor unchecked = matrix.with(ReadOptions.defaults().verify(false));
            assertEquals(10, unchecked.readFloats()[10]);
            unchecked.view().close();
            Report report = reader.verify();
            assertEquals(1, report.problems().size());
            assertEquals("a/matrix", report.problems().get(0).tensor().orElseThrow());
            assertEquals(5, report.tensorCount());
        }
    }

    @Test
    void viewsAreReadOnly() {
        try (Reader reader = Reader.open(Samples.sample(directory));
                View view = reader.get("a/matrix").view()) {
            ByteBuffer all = view.buffer();
            assertTrue(all.isDirect() && all.isReadOnly());
            assertEquals(ByteOrder.nativeOrder(), all.order());
            assertEquals(11, all.asFloatBuffer().get(11));
            assertEquals(4, view.buffer(16, 32).getFloat(0));
            assertTrue(view.alignment() >= 4);
            for (long[] bad : new long[][] {{-1, 1}, {0, 49}, {48, 1}, {49, 0}, {0, -1}, {Long.MAX_VALUE, 1}}) {
                assertThrows(IndexOutOfBoundsException.class, () -> view.buffer(bad[0], (int) bad[1]));
            }
            Expect.fails(Status.UNSUPPORTED, () -> reader.get("b/parts").view());
        }
    }

    @Test
    void merges() {
        Path one = Samples.write(directory.resolve("one"), w -> w.add("x", Shape.scalar(), new int[] {1}));
        Path two = Samples.write(directory.resolve("two"), w -> {
            w.add("x", Shape.scalar(), new int[] {2});
            w.add("y", Shape.scalar(), new int[] {3});
        });
        Path dst = directory.resolve("merged");
        TfckptException e =
                Expect.fails(Status.INVALID_ARGUMENT, () -> Checkpoint.merge(dst, List.of(one, two)));
        assertEquals(List.of("x"), e.names());
        MergeOptions last = MergeOptions.defaults().onConflict(OnConflict.LAST).sync(false);
        assertThrows(IllegalArgumentException.class, () -> last.threads(0));
        assertThrows(IllegalArgumentException.class, () -> last.maxInFlight(-1));
        Checkpoint.merge(dst, List.of(one, two), last.threads(3).maxInFlight(1 << 20));
        Expect.fails(Status.ALREADY_EXISTS, () -> Checkpoint.merge(dst, List.of(one)));
        Path moved = directory.resolve("moved");
        MergeOptions move = MergeOptions.defaults().onConflict(OnConflict.FIRST).transfer(Transfer.MOVE);
        Checkpoint.merge(moved, List.of(one, two), move);
        try (Reader merged = Reader.open(dst);
                Reader first = Reader.open(moved)) {
            assertEquals(2, merged.get("x").readInts()[0]);
            assertEquals(1, first.get("x").readInts()[0]);
            assertEquals(3, first.get("y").readInts()[0]);
        }
        Expect.fails(Status.NOT_FOUND, () -> Reader.open(one));
    }

    @Test
    void theLatestOfADirectory() {
        Path keras = Manifest.data("golden", "object_based", "keras");
        Path latest = Checkpoint.latest(keras);
        assertEquals(keras, latest.getParent());
        assertEquals(latest, Checkpoint.latestValid(keras));
        try (Reader reader = Reader.open(keras)) {
            assertEquals(latest, reader.prefix());
        }
        Expect.fails(Status.NOT_FOUND, () -> Checkpoint.latest(directory));
    }

    @Test
    void whatCrashesLeft() throws IOException {
        Path kept = Samples.sample(directory);
        Path orphan = directory.resolve("orphan.data-00000-of-00001");
        Path tempstate = directory.resolve("x.data-00000-of-00001.tempstate123");
        Files.write(orphan, new byte[] {1});
        Files.write(tempstate, new byte[] {1});
        GcOptions now = GcOptions.defaults().minAge(Duration.ZERO);
        assertEquals(List.of(), Checkpoint.gc(directory).removed());
        assertEquals(List.of(), Checkpoint.gc(directory, now).removed());
        assertEquals(List.of(), Checkpoint.gc(directory, GcOptions.defaults().orphans(true)).removed());
        assertEquals(List.of(orphan), Checkpoint.gc(directory, now.orphans(true).dryRun(true)).removed());
        assertTrue(Files.exists(orphan));
        assertEquals(List.of(orphan), Checkpoint.gc(directory, now.orphans(true)).removed());
        assertFalse(Files.exists(orphan));
        assertEquals(List.of(tempstate), Checkpoint.gc(directory, now.tensorflow(true)).removed());
        try (Writer writer = Writer.create(directory.resolve("living"))) {
            writer.add("a", Shape.scalar(), new byte[] {1});
            Collected collected = Checkpoint.gc(directory, now);
            assertEquals(List.of(), collected.removed());
            assertFalse(collected.inUse().isEmpty());
            assertEquals(List.of(), collected.problems());
        }
        assertTrue(Checkpoint.verify(kept).isOk());
        Expect.fails(Status.NOT_FOUND, () -> Checkpoint.gc(directory.resolve("none")));
        assertThrows(IllegalArgumentException.class, () -> now.minAge(Duration.ofSeconds(-1)));
    }

    @Test
    void valuesThatNeverChange() {
        assertEquals(Shape.of(2, 3), Shape.of(new long[] {2, 3}));
        assertEquals(Shape.of(2).hashCode(), Shape.of(2).hashCode());
        assertEquals(6, Shape.of(2, 3).numElements());
        assertEquals(0, Shape.of(Long.MAX_VALUE, Long.MAX_VALUE, 0).numElements());
        assertThrows(ArithmeticException.class, () -> Shape.of(Long.MAX_VALUE, 2).numElements());
        assertThrows(IllegalArgumentException.class, () -> Shape.of(-1));
        assertEquals("0,4:-", Slice.parse("0,4:-").toString());
        assertEquals(Slice.parse("0,4:-"), Slice.rows(Shape.of(9, 9), 0, 4));
        assertEquals("*", Slice.all().toString());
        List<String> none = new ArrayList<>(List.of("", "x", "1", "1,2,3", "1,2:", "a,b"));
        none.forEach(text -> assertThrows(IllegalArgumentException.class, () -> Slice.parse(text), text));
        assertThrows(IndexOutOfBoundsException.class, () -> Slice.parse("-").length(1));
        assertThrows(IndexOutOfBoundsException.class, () -> Slice.parse("-:-").start(2));
        assertThrows(NullPointerException.class, () -> Reader.open(null));
    }
}
