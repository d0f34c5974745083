package org.tfckpt.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.tfckpt.Reader;
import org.tfckpt.Tensor;
import org.tfckpt.TfckptException;

/**
 * Exports an embedding table to Parquet: one row for each, with its number, its word and its vector.
 *
 * <pre>
 * export-embedding CHECKPOINT TABLE VOCABULARY OUT.parquet
 * </pre>
 *
 * <p>TABLE is a tensor of floats of two dimensions, be it partitioned or not; VOCABULARY one of as
 * many strings, or {@code -} for none. Of the table some rows are in memory at a time; of the words as
 * many as are stored in one piece.
 */
public final class ExportEmbedding {
    private ExportEmbedding() {}

    /**
     * Runs it: 0 when all is well, 1 when something is wrong with the files, 2 for wrong arguments.
     *
     * @param args as above
     */
    public static void main(String[] args) {
        if (args.length != 4) {
            System.err.println("usage: export-embedding CHECKPOINT TABLE VOCABULARY|- OUT.parquet");
            System.exit(2);
        }
        try {
            export(Path.of(args[0]), args[1], args[2], Path.of(args[3]), ProgressBar.ofTerminal());
        } catch (TfckptException | IOException | IllegalArgumentException e) {
            System.err.println("export-embedding: " + e.getMessage());
            System.exit(1);
        }
    }

    /**
     * Exports a table. The file appears when it is whole.
     *
     * @param checkpoint as of {@link Reader#open(Path)}
     * @param table the name of the table, or its path in the program
     * @param vocabulary the name of the words, or {@code -}
     * @param out the Parquet file
     * @param bar shows how far it is
     * @return how many rows there are
     * @throws IOException where the file cannot be written
     */
    static long export(Path checkpoint, String table, String vocabulary, Path out, ProgressBar bar)
            throws IOException {
        Path unfinished = out.resolveSibling(out.getFileName() + ".tmp");
        try (Reader reader = Reader.open(checkpoint)) {
            Tensor words = vocabulary.equals("-") ? null : reader.resolve(vocabulary);
            EmbeddingRows rows = new EmbeddingRows(reader.resolve(table), words);
            try (EmbeddingWriter writer = new EmbeddingWriter(unfinished, words != null)) {
                while (rows.next()) {
                    writer.write(rows);
                    bar.show(rows.number() + 1, rows.count());
                }
            }
            Files.move(unfinished, out, StandardCopyOption.ATOMIC_MOVE);
            bar.end();
            return rows.count();
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
