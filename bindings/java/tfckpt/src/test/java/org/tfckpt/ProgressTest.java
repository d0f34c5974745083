package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is told how far a call is, from within it. */
@Timeout(120)
class ProgressTest {
    private static final int COUNT = 8;
    private static final int BYTES = 4 << 20;

    /** Of several pieces, so that they end before they are through. */
    private static final Set<String> LONG = Set.of("verify", "readMany", "addMany", "merge");

    @TempDir
    Path directory;

    private Path source;
    private Reader reader;
    private final Map<String, Consumer<Progress>> calls = new TreeMap<>();

    @BeforeEach
    void open() {
        source = Samples.write(directory.resolve("from"), writer -> {
            for (int i = 0; i < COUNT; i++) {
                writer.add("t" + i, Shape.of(BYTES), new byte[BYTES]);
            }
            writer.addStrings("words", Shape.of(2), List.of("ab", "c"));
        });
        reader = Reader.open(source);
        List<ByteBuffer> buffers =
                IntStream.range(0, COUNT).mapToObj(i -> ByteBuffer.allocateDirect(BYTES)).collect(Collectors.toList());
        calls.put("read", progress -> reader.get("t0").with(reads(progress)).read(buffers.get(0).duplicate()));
        calls.put("read bytes", progress -> reader.get("t0").with(reads(progress)).readBytes());
        calls.put("strings", progress -> reader.get("words").with(reads(progress)).readStrings());
        calls.put("view", progress -> reader.get("t0").with(reads(progress)).view().close());
        calls.put("verify", progress -> reader.verify(reads(progress)));
        calls.put("readMany", progress -> reader.readMany(requests(buffers), reads(progress)));
        calls.put("readMany, heap", progress -> reader.readMany(
                List.of(ReadRequest.of("t0", ByteBuffer.allocate(BYTES))), reads(progress)));
        calls.put("addMany", progress -> addMany(buffers, progress));
        calls.put("merge", this::merge);
    }

    @AfterEach
    void close() {
        reader.close();
    }

    private static ReadOptions reads(Progress progress) {
        return ReadOptions.defaults().threads(2).progress(progress);
    }

    private static List<ReadRequest> requests(List<ByteBuffer> buffers) {
        return IntStream.range(0, COUNT)
                .mapToObj(i -> ReadRequest.of("t" + i, buffers.get(i)))
                .collect(Collectors.toList());
    }

    private static List<WriteRequest> values(List<ByteBuffer> buffers) {
        return IntStream.range(0, COUNT)
                .mapToObj(i -> WriteRequest.of(TensorSpec.of("t" + i, DType.UINT8, Shape.of(BYTES)), buffers.get(i)))
                .collect(Collectors.toList());
    }

    private void addMany(List<ByteBuffer> buffers, Progress progress) {
        try (Writer writer = Writer.create(directory.resolve("added"))) {
            writer.addMany(values(buffers), WriteOptions.defaults().threads(2).progress(progress));
        }
    }

    private void merge(Progress progress) {
        Path dst = directory.resolve("merged");
        Checkpoint.merge(dst, List.of(source), MergeOptions.defaults().sync(false).progress(progress));
        // Only one that has come to its end has left something.
        for (String end : List.of(".index", ".data-00000-of-00001")) {
            assertTrue(dst.resolveSibling("merged" + end).toFile().delete());
        }
    }

    /** Calls until it is as it should be, which a call may need some luck for that is over soon. */
    private static void retry(String name, BooleanSupplier call) {
        for (int i = 0; i < 200; i++) {
            if (call.getAsBoolean()) {
                return;
            }
        }
        fail(name + " was not as it should be in 200 times");
    }

    private void expectNothingLeft() {
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(2, files.count());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theThreadOfTheCallTells() {
        calls.forEach((name, call) -> {
            AtomicInteger told = new AtomicInteger();
            Thread caller = Thread.currentThread();
            retry(name, () -> {
                AtomicLong last = new AtomicLong();
                try (Progress progress = new Progress((done, total) -> {
                    told.incrementAndGet();
                    assertSame(caller, Thread.currentThread(), name);
                    assertTrue(last.getAndSet(done) <= done && done <= total, name);
                    return true;
                })) {
                    call.accept(progress);
                    assertEquals(progress.total(), progress.done(), name);
                }
                return told.get() > 0;
            });
        });
    }

    @Test
    void aListenerCallsOff() {
        calls.forEach((name, call) -> {
            retry(name, () -> {
                AtomicInteger told = new AtomicInteger();
                try (Progress progress = new Progress((done, total) -> told.incrementAndGet() < 0)) {
                    TfckptException end = Expect.outcome(() -> call.accept(progress));
                    assertEquals(told.get() > 0, progress.isCancelled(), name);
                    assertTrue(end == null || end.status() == Status.CANCELLED, name);
                    return end != null || told.get() > 0 && !LONG.contains(name);
                }
            });
            expectNothingLeft();
        });
    }

    @Test
    void whatAListenerThrowsComesOut() {
        List<Throwable> all = List.of(new IllegalArgumentException("mine"), new StackOverflowError(), new AssertionError());
        calls.forEach((name, call) -> all.forEach(thrown -> {
            AtomicInteger told = new AtomicInteger();
            retry(name, () -> {
                try (Progress progress = new Progress((done, total) -> {
                    told.incrementAndGet();
                    throw ProgressTest.<RuntimeException>sneaky(thrown);
                })) {
                    call.accept(progress);
                    return false;
                } catch (Throwable caught) {
                    assertSame(thrown, caught, name);
                    return true;
                }
            });
            assertEquals(1, told.get(), name);
            expectNothingLeft();
        }));
        // And nothing is the worse for it.
        assertTrue(reader.verify().isOk());
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }

    /** It would wait for the call that it is told of. */
    @Test
    void aListenerMayCloseWhatIsInTheCall() {
        AtomicReference<Progress> self = new AtomicReference<>();
        AtomicInteger told = new AtomicInteger();
        Progress progress = new Progress((done, total) -> {
            told.incrementAndGet();
            reader.close();
            self.get().close();
            assertThrows(IllegalStateException.class, reader::count);
            return true;
        });
        self.set(progress);
        assertEquals(BYTES, reader.get("t0").with(ReadOptions.defaults().progress(progress)).readBytes().length);
        assertEquals(1, told.get());
        assertThrows(IllegalStateException.class, progress::done);
        assertThrows(IllegalStateException.class, reader::count);
    }

    @Test
    void aListenerMayReadMore() {
        try (Progress progress = new Progress((done, total) -> {
            assertEquals(List.of("ab", "c"), reader.get("words").readStrings());
            return true;
        })) {
            assertTrue(reader.verify(ReadOptions.defaults().progress(progress)).isOk());
        }
    }

    @Test
    void aWriterThatIsInTheCallTakesNothing() {
        ByteBuffer values = ByteBuffer.allocateDirect(BYTES);
        List<WriteRequest> requests = List.of(WriteRequest.of(TensorSpec.of("t", DType.INT8, Shape.of(BYTES)), values));
        Path path = Samples.write(directory.resolve("new"), writer -> {
            AtomicInteger told = new AtomicInteger();
            try (Progress progress = new Progress((done, total) -> {
                told.incrementAndGet();
                assertThrows(
                        IllegalStateException.class, () -> writer.add("other", Shape.scalar(), new int[] {1}));
                return true;
            })) {
                writer.addMany(requests, WriteOptions.defaults().progress(progress));
            }
            assertEquals(1, told.get());
            writer.add("more", Shape.scalar(), new int[] {1});
        });
        try (Reader written = Reader.open(path)) {
            assertEquals(2, written.count());
        }
        Writer closed = Writer.create(directory.resolve("closed"));
        try (Progress progress = new Progress((done, total) -> {
            closed.close();
            return true;
        })) {
            closed.addMany(requests, WriteOptions.defaults().progress(progress));
        }
        assertThrows(IllegalStateException.class, closed::finish);
        assertFalse(Files.exists(directory.resolve("closed.data-00000-of-00001")));
    }

    @Test
    void severalCallsAtOnce() throws Exception {
        AtomicInteger at = new AtomicInteger();
        AtomicInteger told = new AtomicInteger();
        try (Progress progress = new Progress((done, total) -> {
            assertEquals(1, at.incrementAndGet());
            told.incrementAndGet();
            at.decrementAndGet();
            return true;
        })) {
            List<Thread> threads = new ArrayList<>();
            List<Throwable> wrong = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(new Thread(() -> {
                    for (int round = 0; round < 20; round++) {
                        reader.verify(reads(progress));
                    }
                }));
            }
            threads.forEach(thread -> thread.setUncaughtExceptionHandler((t, e) -> {
                synchronized (wrong) {
                    wrong.add(e);
                }
            }));
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), wrong);
            assertTrue(told.get() > 0);
            assertEquals(progress.total(), progress.done());
        }
    }

    /** A listener that holds its progress keeps neither alive. */
    @Test
    void whatIsForgottenIsGarbage() throws Exception {
        WeakReference<Progress.Listener> listener = forgotten();
        for (int i = 0; i < 100 && listener.get() != null; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertNull(listener.get());
    }

    private WeakReference<Progress.Listener> forgotten() {
        AtomicReference<Progress> self = new AtomicReference<>();
        AtomicInteger told = new AtomicInteger();
        Progress.Listener listener = (done, total) -> {
            told.incrementAndGet();
            System.gc(); // which must not take it away meanwhile
            return !self.get().isCancelled();
        };
        Progress progress = new Progress(listener);
        self.set(progress);
        reader.get("t0").with(ReadOptions.defaults().progress(progress)).readBytes();
        assertEquals(1, told.get());
        return new WeakReference<>(listener);
    }
}
