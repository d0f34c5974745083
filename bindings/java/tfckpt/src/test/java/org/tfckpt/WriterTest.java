package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writing, and what is refused. */
class WriterTest {
    @TempDir
    Path directory;

    @Test
    void aCheckpointOrNone() throws Exception {
        Path prefix = directory.resolve("new").resolve("ckpt");
        try (Writer writer = Writer.create(prefix)) {
            assertEquals(prefix, writer.prefix());
            writer.add("a", Shape.scalar(), new byte[] {1});
        }
        assertFalse(Files.exists(prefix.getParent()));
        Samples.write(prefix, writer -> writer.add("a", Shape.scalar(), new byte[] {1}));
        Expect.fails(Status.ALREADY_EXISTS, () -> Writer.create(prefix).close());
        try (Writer writer = Writer.builder(prefix).replace(true).create()) {
            writer.finish();
        }
        try (Reader reader = Reader.open(prefix)) {
            assertEquals(0, reader.count());
        }
        try (Stream<Path> files = Files.list(prefix.getParent())) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void whatIsRefused() {
        Samples.write(directory.resolve("ckpt"), w -> {
            w.add("a", Shape.of(2), new float[] {1, 2});
            TensorSpec b = TensorSpec.of("b", DType.FLOAT, Shape.of(2));
            TensorSpec words = TensorSpec.of("w", DType.STRING, Shape.of(2));
            Expect.fails(Status.ALREADY_EXISTS, () -> w.add("a", Shape.of(2), new float[] {1, 2}));
            Expect.fails(Status.INVALID_ARGUMENT, () -> w.add("", Shape.scalar(), new float[] {1}));
            Expect.fails(Status.INVALID_ARGUMENT, () -> w.add("b", Shape.of(2), new float[] {1}));
            Expect.fails(Status.INVALID_ARGUMENT, () -> w.add(b, new int[] {1, 2}));
            Expect.fails(Status.INVALID_ARGUMENT, () -> w.add(b, ByteBuffer.allocate(7)));
            Expect.fails(Status.INVALID_ARGUMENT, () -> w.add(b, ByteBuffer.allocateDirect(9)));
            Expect.fails(Status.INVALID_ARGUMENT, () -> w.add(b.slice(Slice.parse("-:-")), new float[2]));
            Expect.fails(Status.INVALID_ARGUMENT, () -> w.add(b.slice(Slice.parse("1,2")), new float[2]));
            Expect.fails(Status.INVALID_ARGUMENT, () -> w.addStrings(b, List.of("x", "y")));
            Expect.fails(Status.INVALID_ARGUMENT, () -> w.addStrings(words, List.of("x")));
            Expect.fails(Status.UNSUPPORTED, () -> w.add(words, ByteBuffer.allocate(2)));
            Expect.fails(Status.UNSUPPORTED, () -> w.stream(words));
            assertThrows(NullPointerException.class, () -> w.addStrings(words, new byte[][] {{}, null}));
            // Too long for one piece, and none of it is kept.
            Expect.fails(Status.INVALID_ARGUMENT, () -> w.add("long", Shape.of(3), new float[1_000_000]));
            Expect.fails(Status.INVALID_ARGUMENT, () -> w.add("long", Shape.of(2_000_000), new float[1_000_000]));
            w.add("long", Shape.of(1_000_000), Samples.counted(1_000_000));
        });
        try (Reader reader = Reader.open(directory.resolve("ckpt"))) {
            assertEquals(
                    List.of("a", "long"), reader.stream().map(Tensor::name).collect(Collectors.toList()));
            assertArrayEquals(Samples.counted(1_000_000), reader.get("long").readFloats());
        }
        Expect.fails(Status.INVALID_ARGUMENT, () -> Writer.builder(directory.resolve("x")).shards(0).create());
        Expect.fails(Status.INVALID_ARGUMENT, () -> Writer.builder(directory.resolve("x")).alignment(3).create());
    }

    @Test
    void ofAllKinds() {
        Path path = directory.resolve("ckpt");
        try (Writer w = Writer.builder(path).shards(2).alignment(64).bigEndian(true).sync(false).create()) {
            w.add("bytes", Shape.of(2), new byte[] {1, -1});
            w.add("booleans", Shape.of(2), new boolean[] {true, false});
            w.add("shorts", Shape.of(2), new short[] {1, Short.MIN_VALUE});
            w.add("ints", Shape.of(2), new int[] {1, Integer.MIN_VALUE});
            w.add("longs", Shape.of(2), new long[] {1, Long.MIN_VALUE});
            w.add("floats", Shape.of(2), new float[] {1, Float.MIN_VALUE});
            w.add("doubles", Shape.of(2), new double[] {1, Double.MIN_VALUE});
            w.add(TensorSpec.of("halves", DType.BFLOAT16, Shape.of(1)), new short[] {0x3f80});
            TensorSpec words = TensorSpec.of("words", DType.STRING, Shape.of(2));
            w.addStrings(words.slice(Slice.parse("1,1")), List.of("yz"));
            w.addStrings(words.slice(Slice.parse("0,1")), List.of("x"));
            w.finish();
        }
        try (Reader r = Reader.open(path)) {
            assertTrue(r.isBigEndian());
            assertEquals(2, r.numShards());
            assertArrayEquals(new byte[] {1, -1}, r.get("bytes").readBytes());
            assertArrayEquals(new boolean[] {true, false}, r.get("booleans").readBooleans());
            assertArrayEquals(new short[] {1, Short.MIN_VALUE}, r.get("shorts").readShorts());
            assertArrayEquals(new int[] {1, Integer.MIN_VALUE}, r.get("ints").readInts());
            assertArrayEquals(new long[] {1, Long.MIN_VALUE}, r.get("longs").readLongs());
            assertArrayEquals(new float[] {1, Float.MIN_VALUE}, r.get("floats").readFloats());
            assertArrayEquals(new double[] {1, Double.MIN_VALUE}, r.get("doubles").readDoubles());
            assertArrayEquals(new short[] {0x3f80}, r.get("halves").readShorts());
            assertEquals(List.of("x", "yz"), r.get("words").readStrings());
        }
    }

    private static WriteRequest request(String name, DType dtype, Shape shape, ByteBuffer values) {
        return WriteRequest.of(TensorSpec.of(name, dtype, shape), values);
    }

    @Test
    void manyAtOnce() throws Exception {
        Shape table = Shape.of(3, 2);
        TensorSpec parts = TensorSpec.of("parts", DType.UINT8, table);
        ByteBuffer direct = ByteBuffer.allocateDirect(9).put(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8}).position(2).limit(8);
        ByteBuffer heap = ByteBuffer.wrap(new byte[] {9, 1, 2, 9}, 1, 2);
        List<WriteRequest> requests = List.of(
                request("direct", DType.INT8, Shape.of(2, 3), direct),
                request("read-only", DType.INT8, Shape.of(6), direct.asReadOnlyBuffer()),
                request("heap", DType.BOOL, Shape.of(2), heap.asReadOnlyBuffer()),
                request("scalar", DType.UINT8, Shape.scalar(), ByteBuffer.wrap(new byte[] {7})),
                request("empty", DType.FLOAT, Shape.of(0, 2), ByteBuffer.allocateDirect(0)),
                WriteRequest.of(parts.slice(Slice.rows(table, 1, 2)), direct.duplicate().limit(6)),
                WriteRequest.of(parts.slice(Slice.rows(table, 0, 1)), heap));
        for (int threads = 1; threads <= 3; threads += 2) {
            Path path = directory.resolve("by" + threads);
            try (Writer w = Writer.builder(path).shards(threads).sync(false).create();
                    Progress progress = new Progress()) {
                w.addMany(
                        requests, WriteOptions.defaults().threads(threads).maxInFlight(1 << 20).progress(progress));
                w.addMany(List.of());
                w.finish();
                assertEquals(21, progress.done());
            }
            assertEquals(2, direct.position());
            assertEquals(1, heap.position());
            try (Reader r = Reader.open(path)) {
                assertTrue(r.verify().isOk());
                assertArrayEquals(new byte[] {2, 3, 4, 5, 6, 7}, r.get("direct").readBytes());
                assertArrayEquals(new byte[] {2, 3, 4, 5, 6, 7}, r.get("read-only").readBytes());
                assertArrayEquals(new byte[] {1, 2}, r.get("heap").readBytes());
                assertArrayEquals(new byte[] {7}, r.get("scalar").readBytes());
                assertEquals(Shape.of(0, 2), r.get("empty").shape());
                assertArrayEquals(new byte[] {1, 2, 2, 3, 4, 5}, r.get("parts").readBytes());
                assertEquals(2, r.get("parts").slices().size());
            }
        }
        // What they are written at once or one by one is the same.
        Path single = Samples.write(directory.resolve("single"), w -> {
            for (WriteRequest request : requests) {
                w.add(request.spec(), request.values().duplicate());
            }
        });
        for (String end : List.of(".index", ".data-00000-of-00001")) {
            assertArrayEquals(
                    Files.readAllBytes(Path.of(single + end)), Files.readAllBytes(directory.resolve("by1" + end)), end);
        }
    }

    @Test
    void allOrNoneOfManyAreAdded() {
        ByteBuffer four = ByteBuffer.allocateDirect(4);
        WriteRequest right = request("right", DType.FLOAT, Shape.scalar(), four);
        Map<Status, List<WriteRequest>> wrong = Map.of(
                Status.INVALID_ARGUMENT,
                List.of(
                        request("w", DType.FLOAT, Shape.of(2), four),
                        request("", DType.FLOAT, Shape.scalar(), four),
                        WriteRequest.of(
                                TensorSpec.of("w", DType.FLOAT, Shape.of(2)).slice(Slice.parse("0,1:0,1")), four),
                        WriteRequest.of(TensorSpec.of("w", DType.FLOAT, Shape.of(2)).slice(Slice.parse("2,1")), four)),
                Status.ALREADY_EXISTS,
                List.of(right),
                Status.UNSUPPORTED,
                List.of(request("w", DType.STRING, Shape.scalar(), four)));
        Path path = Samples.write(directory.resolve("ckpt"), w -> {
            wrong.forEach((status, all) ->
                    all.forEach(one -> Expect.fails(status, () -> w.addMany(List.of(right, one)))));
            w.addMany(List.of(right));
        });
        try (Reader reader = Reader.open(path)) {
            assertEquals(1, reader.count());
        }
        assertThrows(NullPointerException.class, () -> WriteRequest.of(right.spec(), null));
        assertThrows(IllegalArgumentException.class, () -> WriteOptions.defaults().threads(0));
        assertThrows(IllegalArgumentException.class, () -> WriteOptions.defaults().maxInFlight(-1));
    }

    @Test
    void manyThatAreCalledOff() {
        ByteBuffer four = ByteBuffer.allocateDirect(4);
        Path prefix = directory.resolve("ckpt");
        try (Writer w = Writer.create(prefix);
                Progress progress = new Progress()) {
            progress.cancel();
            Expect.fails(
                    Status.CANCELLED,
                    () -> w.addMany(
                            List.of(request("t", DType.FLOAT, Shape.scalar(), four)),
                            WriteOptions.defaults().progress(progress)));
        }
        assertFalse(Files.exists(directory.resolve("ckpt.data-00000-of-00001")));
    }

    @Test
    void booleansAreZeroOrOneWhateverTheFileSays() {
        Path path = Samples.write(
                directory.resolve("ckpt"),
                w -> w.add(TensorSpec.of("b", DType.BOOL, Shape.of(3)), new byte[] {0, 1, 2}));
        try (Reader reader = Reader.open(path)) {
            assertArrayEquals(new boolean[] {false, true, true}, reader.get("b").readBooleans());
        }
    }

    @Test
    void v1() {
        Path path = directory.resolve("v1");
        try (Writer w = Writer.builder(path).format(Format.V1).sync(false).create()) {
            w.add("a", Shape.of(200_000), Samples.counted(200_000));
            w.finish();
        }
        try (Reader reader = Reader.open(path)) {
            assertEquals(Format.V1, reader.format());
            assertArrayEquals(Samples.counted(200_000), reader.get("a").readFloats());
        }
    }

    @Test
    void streams() {
        Path path = Samples.write(directory.resolve("ckpt"), w -> {
            try (TensorStream stream = w.stream(TensorSpec.of("s", DType.INT32, Shape.of(50_000)))) {
                Expect.fails(Status.INVALID_ARGUMENT, () -> w.add("other", Shape.scalar(), new int[1]));
                ByteBuffer heap = ByteBuffer.allocate(200_001).order(ByteOrder.nativeOrder());
                for (int i = 0; i < 50_000; i++) {
                    heap.putInt(1 + 4 * i, i);
                }
                // In pieces that end within elements, from buffers of all kinds.
                assertEquals(70_001, stream.write(heap.position(1).limit(70_002)));
                assertEquals(70_002, heap.position());
                assertEquals(2, stream.write(heap.asReadOnlyBuffer().limit(70_004)));
                ByteBuffer direct = ByteBuffer.allocateDirect(130_000).put(heap.limit(200_001).position(70_004)).flip();
                assertEquals(129_997, stream.write(direct));
                assertFalse(direct.hasRemaining());
                assertTrue(stream.isOpen());
                Expect.fails(Status.INVALID_ARGUMENT, () -> stream.write(ByteBuffer.allocate(1)));
            } catch (ClosedChannelException e) {
                throw new AssertionError(e);
            }
        });
        try (Reader reader = Reader.open(path)) {
            int[] values = reader.get("s").readInts();
            assertEquals(50_000, values.length);
            assertEquals(17_500, values[17_500]);
            assertEquals(49_999, values[49_999]);
        }
    }

    @Test
    void streamsThatAreGivenUp() throws Exception {
        TensorSpec spec = TensorSpec.of("short", DType.UINT16, Shape.of(2));
        Path path = Samples.write(directory.resolve("ckpt"), w -> {
            TensorStream missing = w.stream(spec);
            Expect.fails(Status.INVALID_ARGUMENT, missing::close);
            missing.close();
            TensorStream aborted = w.stream(spec);
            aborted.abort();
            aborted.abort();
            aborted.close();
            assertThrows(ClosedChannelException.class, () -> aborted.write(ByteBuffer.allocate(1)));
            w.add("short", Shape.scalar(), new long[] {3});
        });
        try (Reader reader = Reader.open(path)) {
            assertEquals(3, reader.get("short").readLongs()[0]);
        }
        Writer writer = Writer.create(directory.resolve("gone"));
        TensorStream stream = writer.stream(spec);
        Expect.fails(Status.INVALID_ARGUMENT, writer::finish);
        assertThrows(IllegalStateException.class, () -> stream.write(ByteBuffer.allocate(1)));
        stream.abort();
        assertFalse(Files.exists(directory.resolve("gone.index")));
    }

    @Test
    void aChannelIsCopiedToAStream() {
        Path path = Samples.write(directory.resolve("ckpt"), w -> {
            byte[] content = new byte[100_000];
            content[99_999] = 5;
            try (TensorStream stream = w.stream(TensorSpec.of("s", DType.UINT8, Shape.of(100_000)));
                    ReadableByteChannel from = Channels.newChannel(new ByteArrayInputStream(content))) {
                ByteBuffer piece = ByteBuffer.allocateDirect(777);
                while (from.read(piece) >= 0) {
                    stream.write(piece.flip());
                    piece.clear();
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        try (Reader reader = Reader.open(path)) {
            assertEquals(5, reader.get("s").readBytes()[99_999]);
        }
    }

    @Test
    void threadsTakeTurns() throws Exception {
        Path path = directory.resolve("ckpt");
        try (Writer writer = Writer.builder(path).sync(false).create()) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                String front = t + "/";
                threads.add(new Thread(() -> {
                    for (int i = 0; i < 50; i++) {
                        writer.add(front + i, Shape.of(2), new long[] {i, i});
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            writer.finish();
        }
        try (Reader reader = Reader.open(path)) {
            assertEquals(400, reader.count());
            assertTrue(reader.verify().isOk());
        }
    }
}
