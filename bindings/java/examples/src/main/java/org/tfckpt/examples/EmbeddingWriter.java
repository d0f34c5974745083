package org.tfckpt.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** A Parquet file of rows: {@code row}, {@code word} where there are words, and {@code embedding}. */
final class EmbeddingWriter implements AutoCloseable {
    /** What is in memory until it is written. */
    private static final long ROW_GROUP = 1 << 22;

    private final ParquetWriter<EmbeddingRows> writer;

    EmbeddingWriter(Path file, boolean hasWords) throws IOException {
        writer = new Builder(file, hasWords)
                .withCompressionCodec(CompressionCodecName.SNAPPY)
                .withDictionaryEncoding(false)
                .withRowGroupSize(ROW_GROUP)
                .build();
    }

    /** Writes the row that it is at. */
    void write(EmbeddingRows row) throws IOException {
        writer.write(row);
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }

    static MessageType schema(boolean hasWords) {
        Types.GroupBuilder<MessageType> schema =
                Types.buildMessage().required(PrimitiveTypeName.INT64).named("row");
        if (hasWords) {
            schema.required(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType()).named("word");
        }
        return schema.requiredList()
                .requiredElement(PrimitiveTypeName.FLOAT)
                .named("embedding")
                .named("embeddings");
    }

    private static final class Builder extends ParquetWriter.Builder<EmbeddingRows, Builder> {
        private final boolean hasWords;

        Builder(Path file, boolean hasWords) {
            super(new LocalOutputFile(file));
            this.hasWords = hasWords;
        }

        @Override
        protected Builder self() {
            return this;
        }

        // Parquet wants it to be there, though it calls the one that takes no class of Hadoop.
        @Override
        @Deprecated
        protected WriteSupport<EmbeddingRows> getWriteSupport(Configuration configuration) {
            return new Rows(hasWords);
        }

        @Override
        protected WriteSupport<EmbeddingRows> getWriteSupport(ParquetConfiguration configuration) {
            return new Rows(hasWords);
        }
    }

    private static final class Rows extends WriteSupport<EmbeddingRows> {
        private final boolean hasWords;
        private RecordConsumer to;

        Rows(boolean hasWords) {
            this.hasWords = hasWords;
        }

        // As above.
        @Override
        @Deprecated
        public WriteContext init(Configuration configuration) {
            return new WriteContext(schema(hasWords), Map.of());
        }

        @Override
        public WriteContext init(ParquetConfiguration configuration) {
            return new WriteContext(schema(hasWords), Map.of());
        }

        @Override
        public void prepareForWrite(RecordConsumer consumer) {
            to = consumer;
        }

        @Override
        public void write(EmbeddingRows row) {
            to.startMessage();
            field("row", 0, () -> to.addLong(row.number()));
            if (hasWords) {
                field("word", 1, () -> to.addBinary(Binary.fromString(row.word())));
            }
            field("embedding", hasWords ? 2 : 1, () -> list(row));
            to.endMessage();
        }

        private void field(String name, int index, Runnable value) {
            to.startField(name, index);
            value.run();
            to.endField(name, index);
        }

        private void list(EmbeddingRows row) {
            to.startGroup();
            if (row.width() > 0) {
                to.startField("list", 0);
                for (int i = 0; i < row.width(); i++) {
                    to.startGroup();
                    to.startField("element", 0);
                    to.addFloat(row.value(i));
                    to.endField("element", 0);
                    to.endGroup();
                }
                to.endField("list", 0);
            }
            to.endGroup();
        }
    }
}
