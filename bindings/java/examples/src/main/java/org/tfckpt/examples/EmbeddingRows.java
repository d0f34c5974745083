package org.tfckpt.examples;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import org.tfckpt.DType;
import org.tfckpt.Shape;
import org.tfckpt.Slice;
import org.tfckpt.Tensor;

/** Goes over the rows of a table and their words, some of which are in memory at a time. */
final class EmbeddingRows {
    private static final int MOST_BYTES = 1 << 22;
    private static final int MOST_ROWS = 1 << 14;
    /** More, as all words of a stored piece are looked through each time. */
    private static final int MOST_WORDS = 1 << 16;

    private final Tensor table;
    private final Tensor words;
    private final long count;
    private final int width;

    private final ByteBuffer bytes;
    private final FloatBuffer values;
    private List<String> batchWords = List.of();
    private long wordsStart;
    private long batchStart;
    private int batchRows;
    private long number = -1;

    /** Words may be null. */
    EmbeddingRows(Tensor table, Tensor words) {
        this.words = words;
        Shape shape = table.shape();
        require(table.dtype() == DType.FLOAT && shape.rank() == 2, table + " is no table of floats");
        count = shape.dim(0);
        width = Math.toIntExact(shape.dim(1));
        boolean fits = words == null || words.dtype() == DType.STRING && words.shape().equals(Shape.of(count));
        require(fits, words + " are not the words of " + table);
        // What is read in parts is checked once before, or each part would check all of it.
        this.table = table.checked();
        int rowBytes = Math.max(Math.multiplyExact(width, Float.BYTES), 1);
        int rows = (int) Math.min(count, Math.max(1, Math.min(MOST_ROWS, MOST_BYTES / rowBytes)));
        bytes = ByteBuffer.allocateDirect(Math.multiplyExact(rows, rowBytes)).order(ByteOrder.nativeOrder());
        values = bytes.asFloatBuffer();
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Goes to the next row, if there is one. */
    boolean next() {
        number++;
        if (number < count && number == batchStart + batchRows) {
            readRows();
        }
        if (words != null && number < count && number == wordsStart + batchWords.size()) {
            readWords();
        }
        return number < count;
    }

    private void readRows() {
        batchStart = number;
        int most = bytes.capacity() / Math.max(width * Float.BYTES, 1);
        batchRows = (int) Math.min(most, count - number);
        table.read(bytes.clear(), Slice.rows(table.shape(), batchStart, batchRows));
    }

    private void readWords() {
        wordsStart = number;
        batchWords = List.of(); // which makes room for the next
        long some = Math.min(MOST_WORDS, count - number);
        batchWords = words.readStrings(Slice.rows(words.shape(), wordsStart, some));
    }

    long count() {
        return count;
    }

    /** Of the row that it is at, counted from 0. */
    long number() {
        return number;
    }

    String word() {
        return batchWords.get((int) (number - wordsStart));
    }

    int width() {
        return width;
    }

    float value(int column) {
        return values.get((int) (number - batchStart) * width + column);
    }
}
