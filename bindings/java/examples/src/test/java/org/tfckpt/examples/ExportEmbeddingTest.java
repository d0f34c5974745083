package org.tfckpt.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tfckpt.DType;
import org.tfckpt.Shape;
import org.tfckpt.Slice;
import org.tfckpt.TensorSpec;
import org.tfckpt.TensorStream;
import org.tfckpt.TfckptException;
import org.tfckpt.Writer;

/** What is exported is read back from Parquet. */
class ExportEmbeddingTest {
    @TempDir
    Path directory;

    private Path checkpoint;
    private Path out;

    private void save(long rows, int width, int parts) throws IOException {
        checkpoint = directory.resolve("ckpt");
        out = directory.resolve("out.parquet");
        Shape shape = Shape.of(rows, width);
        try (Writer writer = Writer.builder(checkpoint).shards(2).sync(false).create()) {
            TensorSpec table = TensorSpec.of("table", DType.FLOAT, shape);
            for (int i = 0; i < parts; i++) {
                long first = rows * i / parts;
                Slice part = Slice.rows(shape, first, rows * (i + 1) / parts - first);
                stream(writer, parts == 1 ? table : table.slice(part), first, part.length(0), width);
            }
            writer.addStrings("words", Shape.of(rows), words(rows));
            writer.addStrings("few", Shape.of(1), List.of("one"));
            writer.finish();
        }
    }

    private static void stream(Writer writer, TensorSpec spec, long first, long rows, int width)
            throws IOException {
        ByteBuffer row = ByteBuffer.allocateDirect(4 * width).order(ByteOrder.nativeOrder());
        try (TensorStream stream = writer.stream(spec)) {
            for (long i = first; i < first + rows; i++) {
                row.clear();
                for (int k = 0; k < width; k++) {
                    row.putFloat(value(i, k));
                }
                stream.write(row.flip());
            }
        }
    }

    private static float value(long row, int column) {
        return row + column / 64f;
    }

    private static List<String> words(long rows) {
        List<String> words = new ArrayList<>();
        for (long i = 0; i < rows; i++) {
            words.add(i % 3 == 0 ? "" : "\u732B" + i);
        }
        return words;
    }

    private static int eachRow(Path file, Consumer<Group> use) throws IOException {
        int groups = 0;
        try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file))) {
            MessageType schema = reader.getFileMetaData().getSchema();
            for (PageReadStore pages; (pages = reader.readNextRowGroup()) != null; groups++) {
                RecordReader<Group> records = new ColumnIOFactory()
                        .getColumnIO(schema)
                        .getRecordReader(pages, new GroupRecordConverter(schema));
                for (long i = 0; i < pages.getRowCount(); i++) {
                    use.accept(records.read());
                }
            }
        }
        return groups;
    }

    private int expectRows(int rows, int width, boolean hasWords) throws IOException {
        int[] row = new int[1];
        int groups = eachRow(out, group -> {
            int i = row[0]++;
            assertEquals(i, group.getLong("row", 0));
            if (hasWords) {
                assertEquals(i % 3 == 0 ? "" : "\u732B" + i, group.getString("word", 0));
            }
            Group embedding = group.getGroup("embedding", 0);
            assertEquals(width, embedding.getFieldRepetitionCount("list"));
            for (int k = 0; k < width; k++) {
                assertEquals(value(i, k), embedding.getGroup("list", k).getFloat("element", 0));
            }
        });
        assertEquals(rows, row[0]);
        return groups;
    }

    @Test
    void aPartitionedTableWithItsWords() throws IOException {
        save(40_000, 7, 5);
        ByteArrayOutputStream drawn = new ByteArrayOutputStream();
        ProgressBar bar = new ProgressBar(new PrintStream(drawn, true, StandardCharsets.UTF_8));
        assertEquals(40_000, ExportEmbedding.export(checkpoint, "table", "words", out, bar));
        expectRows(40_000, 7, true);
        String[] frames = drawn.toString(StandardCharsets.UTF_8).trim().split("\r");
        assertEquals(101, frames.length);
        assertEquals("[" + "#".repeat(20) + ".".repeat(20) + "]  50 %", frames[50]);
        assertEquals("[" + "#".repeat(40) + "] 100 %", frames[100]);
    }

    @Test
    void withoutWords() throws IOException {
        save(10, 3, 1);
        ExportEmbedding.export(checkpoint, "table", "-", out, new ProgressBar(null));
        expectRows(10, 3, false);
    }

    @Test
    void rowsOfNothingAndNoRows() throws IOException {
        save(0, 3, 1);
        assertEquals(0, ExportEmbedding.export(checkpoint, "table", "words", out, ProgressBar.ofTerminal()));
        expectRows(0, 3, true);
    }

    @Test
    void whatIsNoTableIsRefusedAndLeavesNothing() throws IOException {
        save(10, 3, 1);
        ProgressBar bar = new ProgressBar(null);
        assertThrows(
                IllegalArgumentException.class, () -> ExportEmbedding.export(checkpoint, "words", "-", out, bar));
        assertThrows(
                IllegalArgumentException.class, () -> ExportEmbedding.export(checkpoint, "table", "few", out, bar));
        assertThrows(
                TfckptException.class, () -> ExportEmbedding.export(checkpoint, "none", "-", out, bar));
        assertFalse(Files.exists(out));
        assertFalse(Files.exists(directory.resolve("out.parquet.tmp")));
    }

    /**
     * A table of 64 MiB goes through a JVM that has 32 MiB in all, and 8 for direct buffers; and the
     * process, native memory included, grows no larger than for a table of 8 MiB.
     */
    @Test
    void memoryIsConstant() throws Exception {
        long small = peakKiB(1 << 17, "-");
        long large = peakKiB(1 << 20, "-");
        assertTrue(large - small < 24 << 10, small + " KiB for a small table, " + large + " for a large one");
        assertTrue(expectRows(1 << 20, 16, false) > 8);
        peakKiB(1 << 20, "words");
        expectRows(1 << 20, 16, true);
    }

    /** Exports a table in a process of its own; the most memory that it has at once. */
    private long peakKiB(int rows, String words) throws Exception {
        save(rows, 16, 3);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-XX:MaxDirectMemorySize=8m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ExportEmbedding.class.getName(),
                        checkpoint.toString(),
                        "table",
                        words,
                        out.toString())
                .redirectErrorStream(true)
                .start();
        long peak = 0;
        while (!process.waitFor(10, TimeUnit.MILLISECONDS)) {
            peak = Math.max(peak, peakKiB(process));
        }
        // No bar where there is no terminal.
        assertEquals("", new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(0, process.exitValue());
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> !file.equals(out)).forEach(file -> file.toFile().delete());
        }
        return peak;
    }

    /** 0 when it has just ended. */
    private static long peakKiB(Process process) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }
}
