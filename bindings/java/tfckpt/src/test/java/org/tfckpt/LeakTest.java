package org.tfckpt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is forgotten leaves nothing behind: neither memory, that of C included, nor open files. */
class LeakTest {
    /** How many are forgotten until the garbage is collected: few, for the files that each has open. */
    private static final int BETWEEN = 200;

    @TempDir
    Path directory;

    @Test
    void twoHundredThousandForgottenReaders() throws Exception {
        Path path = Samples.sample(directory);
        expectFlat(200_000, i -> use(Reader.open(path), i));
    }

    @Test
    void twentyThousandClosedReaders() throws Exception {
        Path path = Samples.sample(directory);
        expectFlat(20_000, i -> {
            try (Reader reader = Reader.open(path)) {
                use(reader, i);
            }
        });
    }

    /** Now and then all that else would have to be freed. */
    private static void use(Reader reader, int i) {
        if (i % 20 == 0) {
            assertTrue(reader.find("none").isEmpty());
            reader.get("c/words").readStrings();
            reader.iterator().next();
            assertEquals(48, reader.get("a/matrix").view().buffer().remaining());
        }
    }

    @Test
    void forgottenWriters() throws Exception {
        expectFlat(4_000, i -> {
            Writer writer = Writer.create(directory.resolve("w" + i));
            writer.add("a", Shape.scalar(), new int[] {1});
        });
        try (Stream<Path> left = Files.list(directory)) {
            assertEquals(List.of(), left.map(Path::toString).collect(Collectors.toList()));
        }
    }

    /** Repeats something, and sees that the process does not grow by it. */
    private static void expectFlat(int count, IntConsumer something) throws Exception {
        long memory = 0;
        long open = 0;
        for (int i = 0; i < count; i++) {
            something.accept(i);
            if (i % BETWEEN == 0) {
                collect();
            }
            if (i == count / 4) { // all pools are filled
                settle();
                memory = residentKiB();
                open = openFiles();
            }
        }
        settle();
        long grown = residentKiB() - memory;
        // A reader takes kilobytes of C: what leaked of each would be hundreds of MiB.
        assertTrue(grown < 48 << 10, "grown by " + grown + " KiB");
        assertTrue(openFiles() <= open + 2, openFiles() + " open files, " + open + " before");
    }

    /** Collects what is garbage, and waits until the cleaner is through with it. */
    private static void collect() throws Exception {
        System.gc();
        for (int i = 0; i < 1000 && openFiles() > 300; i++) {
            Thread.sleep(1);
        }
    }

    private static void settle() throws Exception {
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(20);
        }
    }

    private static long residentKiB() throws IOException {
        String status = Files.readString(Path.of("/proc/self/status"));
        return Long.parseLong(status.replaceAll("(?s).*VmRSS:\\s*(\\d+) kB.*", "$1"));
    }

    private static long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    @Test
    void aBufferHoldsItsMapping() throws Exception {
        Path path = Samples.sample(directory);
        ByteBuffer kept = slicedView(path);
        settle();
        assertEquals(1, mappings(path));
        assertEquals(5, kept.getFloat(0));
        kept = null;
        for (int i = 0; i < 100 && mappings(path) > 0; i++) {
            settle();
        }
        assertEquals(0, mappings(path));
    }

    /** What is made of a buffer of a view that is closed, and of a reader that is closed. */
    private static ByteBuffer slicedView(Path path) {
        try (Reader reader = Reader.open(path);
                View view = reader.get("a/matrix").view()) {
            return view.buffer().position(20).slice().order(ByteOrder.nativeOrder()).duplicate()
                    .order(ByteOrder.nativeOrder());
        }
    }

    private static long mappings(Path path) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains(path.getFileName() + ".data-"))
                .count();
    }

    @Test
    void aClosedViewWithoutBuffersIsUnmappedAtOnce() throws Exception {
        Path path = Samples.sample(directory);
        View view;
        try (Reader reader = Reader.open(path)) {
            view = reader.get("a/matrix").view();
        }
        assertEquals(1, mappings(path));
        view.close();
        assertEquals(0, mappings(path));
    }
}
