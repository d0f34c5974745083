package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Closing happens once, waits for calls, and ends what comes later. */
@Timeout(120)
class CloseTest {
    private static final int THREADS = 8;

    @TempDir
    Path directory;

    /** The ways to use a reader. */
    private static final List<Consumer<Reader>> CALLS = List.of(
            reader -> reader.get("a/matrix").readFloats(),
            reader -> reader.get("b/parts").read(),
            reader -> reader.get("c/words").readStrings(),
            reader -> reader.find("none"),
            Reader::count,
            Reader::verify,
            reader -> reader.get("a/matrix").view().close(),
            reader -> reader.forEach(Tensor::name),
            reader -> reader.readMany(
                    List.of(
                            ReadRequest.of("a/matrix", ByteBuffer.allocateDirect(48)),
                            ReadRequest.of("b/parts", ByteBuffer.allocate(32))),
                    ReadOptions.defaults().threads(2)));

    private void onThreads(Callable<Void> task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Void>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                all.add(pool.submit(task));
            }
            for (Future<Void> one : all) {
                one.get();
            }
        } finally {
            pool.shutdownNow();
            assertTrue(pool.awaitTermination(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void closeUnderBusyThreads() throws Exception {
        Path path = Samples.sample(directory);
        AtomicInteger done = new AtomicInteger();
        for (int round = 0; round < 40; round++) {
            Reader reader = Reader.open(path);
            CountDownLatch busy = new CountDownLatch(THREADS);
            AtomicInteger turn = new AtomicInteger(round);
            Thread closer = new Thread(() -> {
                try {
                    busy.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                reader.close();
            });
            closer.start();
            onThreads(() -> {
                for (int i = 0; ; i++) {
                    try {
                        CALLS.get(turn.getAndIncrement() % CALLS.size()).accept(reader);
                        done.incrementAndGet();
                    } catch (IllegalStateException closed) {
                        assertTrue(reader.isClosed());
                        return null;
                    } finally {
                        if (i == 3) {
                            busy.countDown();
                        }
                    }
                }
            });
            closer.join();
        }
        assertTrue(done.get() >= 40 * THREADS * 4);
    }

    @Test
    void closingFromAllThreadsClosesOnce() throws Exception {
        Path path = Samples.sample(directory);
        for (int round = 0; round < 200; round++) {
            Reader reader = Reader.open(path);
            onThreads(() -> {
                reader.close();
                assertThrows(IllegalStateException.class, reader::count);
                return null;
            });
        }
    }

    @Test
    void closeWaitsForTheLastCall() throws Exception {
        AtomicInteger freed = new AtomicInteger();
        Handle handle = new Handle(7, pointer -> freed.incrementAndGet());
        assertEquals(7, handle.acquire(this));
        Thread closer = new Thread(handle::close);
        closer.start();
        while (!handle.isClosed()) {
            Thread.onSpinWait();
        }
        assertThrows(IllegalStateException.class, () -> handle.acquire(this));
        assertEquals(0, freed.get());
        closer.interrupt(); // which does not hurry it
        Thread.sleep(20);
        assertTrue(closer.isAlive());
        handle.release();
        closer.join();
        assertEquals(1, freed.get());
        handle.close();
        handle.abandon();
        assertEquals(1, freed.get());
    }

    @Test
    void whatIsClosedSaysSo() {
        Path path = Samples.sample(directory);
        Reader reader = Reader.open(path);
        Tensor tensor = reader.get("a/matrix");
        Iterator<Tensor> walk = reader.iterator();
        View view = tensor.view();
        ByteBuffer buffer = view.buffer();
        reader.close();
        reader.close();
        for (Consumer<Reader> call : CALLS) {
            IllegalStateException e = assertThrows(IllegalStateException.class, () -> call.accept(reader));
            assertTrue(e.getMessage().contains("Reader is closed"), e.getMessage());
        }
        assertThrows(IllegalStateException.class, tensor::readFloats);
        assertThrows(IllegalStateException.class, walk::hasNext);
        // These need it no more.
        assertEquals(Shape.of(3, 4), tensor.shape());
        assertEquals(48, view.buffer().remaining());
        view.close();
        view.close();
        assertThrows(IllegalStateException.class, view::buffer);
        assertEquals(48, buffer.remaining());
        Progress progress = new Progress();
        progress.close();
        assertThrows(IllegalStateException.class, progress::done);
    }

    @Test
    void aClosedProgressIsNoOption() {
        try (Reader reader = Reader.open(Samples.sample(directory))) {
            Progress progress = new Progress();
            Tensor tensor = reader.get("a/matrix").with(ReadOptions.defaults().progress(progress));
            assertEquals(12, tensor.readFloats().length);
            assertEquals(48, progress.done());
            progress.close();
            assertThrows(IllegalStateException.class, tensor::readFloats);
        }
    }

    @Test
    void aWriterEndsOnce() {
        Path prefix = directory.resolve("new").resolve("ckpt");
        Writer writer = Writer.create(prefix);
        writer.add("a", Shape.scalar(), new byte[] {1});
        writer.close();
        writer.close();
        assertThrows(IllegalStateException.class, writer::finish);
        assertThrows(IllegalStateException.class, () -> writer.add("b", Shape.scalar(), new byte[] {1}));
        assertFalse(prefix.getParent().toFile().exists());
    }
}
