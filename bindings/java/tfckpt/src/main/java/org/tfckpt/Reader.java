package org.tfckpt;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A checkpoint open for reading. It never changes: any number of threads may use it at once.
 *
 * <pre>{@code
 * try (Reader reader = Reader.open(Path.of("model/ckpt-100"))) {
 *     for (Tensor tensor : reader) {
 *         System.out.println(tensor.name() + " " + tensor.dtype() + tensor.shape());
 *     }
 *     float[] kernel = reader.get("dense/kernel").readFloats();
 * }
 * }</pre>
 */
public final class Reader extends NativeObject implements Iterable<Tensor> {
    private final Path prefix;
    private final Format format;
    private final int numShards;
    private final boolean bigEndian;

    private Reader(long pointer) {
        super(pointer, Native::readerFree);
        prefix = PathBytes.decode(with(Native::readerPrefix));
        format = Format.of(with(Native::readerFormat));
        numShards = (int) withLong(Native::readerNumShards);
        bigEndian = with(Native::readerIsBigEndian);
    }

    /**
     * Opens a checkpoint, V2 or V1.
     *
     * @param path its prefix; one of its files; a state file ({@code checkpoint}), which means the
     *     latest that it names; or a directory: its latest, the SavedModel that it is, or the only
     *     checkpoint in it
     * @return a reader, to be closed
     * @throws TfckptException with {@link Status#NOT_FOUND} where there is none, {@link
     *     Status#DATA_LOSS} where it is damaged, {@link Status#UNSUPPORTED} where it asks for another
     *     version
     */
    public static Reader open(Path path) {
        return builder(path).open();
    }

    /**
     * Opens a checkpoint with options.
     *
     * @param path as of {@link #open(Path)}
     * @return a builder with the defaults
     */
    public static Builder builder(Path path) {
        return new Builder(path);
    }

    /** How a checkpoint is opened. */
    public static final class Builder {
        private final Path path;
        private boolean mapped;
        private long indexCache = -1;
        private long maxBlock = -1;
        private long maxIndex = -1;
        private long maxTensors = -1;
        private long maxTensorBytes = -1;

        private Builder(Path path) {
            this.path = Objects.requireNonNull(path);
        }

        /**
         * Whether data files are read through a mapping rather than by positioned reads. That saves a
         * copy within the operating system; but a file that another process cuts short then ends the
         * program, where there would be an exception. Default: false. Views are mapped anyhow.
         *
         * @param mapped whether to
         * @return this
         */
        public Builder mapped(boolean mapped) {
            this.mapped = mapped;
            return this;
        }

        /**
         * How many bytes of the index are kept in memory for the next look at them. Default: 64 MiB.
         *
         * @param bytes how many
         * @return this
         */
        public Builder indexCache(long bytes) {
            indexCache = notNegative(bytes);
            return this;
        }

        /**
         * The largest block of the index, in bytes, that is taken into memory; a larger one is {@link
         * Status#RESOURCE_LIMIT}. In V1 blocks have the values in them. Default: 1 GiB; of V1 4 GiB.
         *
         * @param bytes how many
         * @return this
         */
        public Builder maxBlock(long bytes) {
            maxBlock = notNegative(bytes);
            return this;
        }

        /**
         * The largest index, in bytes of its file, that is opened; a larger one is {@link
         * Status#RESOURCE_LIMIT}. Of V1, whose files have the values in them, the largest file. Default: any
         * size.
         *
         * @param bytes how many
         * @return this
         */
        public Builder maxIndex(long bytes) {
            maxIndex = notNegative(bytes);
            return this;
        }

        /**
         * How many tensors a checkpoint may have; of more, V1 is not opened, and V2 not counted: {@link
         * Status#RESOURCE_LIMIT}. Default: 2^28.
         *
         * @param count how many
         * @return this
         */
        public Builder maxTensors(long count) {
            if (count < 0) {
                throw new IllegalArgumentException(count + " tensors");
            }
            maxTensors = count;
            return this;
        }

        /**
         * For how many bytes of values one call may take memory; more is {@link Status#RESOURCE_LIMIT}. Default:
         * as many as the files have.
         *
         * @param bytes how many
         * @return this
         */
        public Builder maxTensorBytes(long bytes) {
            maxTensorBytes = notNegative(bytes);
            return this;
        }

        /**
         * Opens it.
         *
         * @return a reader, to be closed
         * @throws TfckptException as of {@link Reader#open(Path)}
         */
        public Reader open() {
            long[] limits = {maxBlock, maxIndex, maxTensors, maxTensorBytes};
            return new Reader(Native.readerOpen(PathBytes.encode(path), mapped, indexCache, limits));
        }

        private static long notNegative(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException(bytes + " bytes");
            }
            return bytes;
        }
    }

    /**
     * In which format it is.
     *
     * @return the format
     */
    public Format format() {
        return format;
    }

    /**
     * The prefix of its files: their path without {@code .index} or {@code .data-...}. Of V1 the path
     * of its file, or where it has several a pattern, {@code STEM-?????-of-00003}.
     *
     * @return the prefix
     */
    public Path prefix() {
        return prefix;
    }

    /**
     * How many files have its values: data shards, or the files of V1.
     *
     * @return the count
     */
    public int numShards() {
        return numShards;
    }

    /**
     * Whether its files have values highest byte first. Reading turns them round.
     *
     * @return false for V1
     */
    public boolean isBigEndian() {
        return bigEndian;
    }

    /**
     * How many tensors there are. The first call reads all of the index.
     *
     * @return the count
     * @throws TfckptException where the index is damaged
     */
    public long count() {
        return withLong(Native::readerCount);
    }

    /**
     * Looks for the tensor of a name.
     *
     * @param name the name
     * @return the tensor, if there is one
     * @throws TfckptException where the index is damaged
     */
    public Optional<Tensor> find(String name) {
        return find(Utf8.encode(name));
    }

    /**
     * Looks for the tensor of a name that need not be UTF-8.
     *
     * @param name its bytes
     * @return the tensor, if there is one
     * @throws TfckptException where the index is damaged
     */
    public Optional<Tensor> find(byte[] name) {
        try {
            return Optional.of(get(name));
        } catch (TfckptException e) {
            if (e.status() == Status.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * The tensor of a name.
     *
     * @param name the name
     * @return the tensor
     * @throws TfckptException with {@link Status#NOT_FOUND} where there is none; where the index is
     *     damaged
     */
    public Tensor get(String name) {
        return get(Utf8.encode(name));
    }

    /**
     * The tensor of a name that need not be UTF-8.
     *
     * @param name its bytes
     * @return the tensor
     * @throws TfckptException as of {@link #get(String)}
     */
    public Tensor get(byte[] name) {
        return with(r -> new TensorFacts(Native.readerFind(r, name)).next(this));
    }

    /**
     * The tensor that a name means: the one that is called so; or else, where the checkpoint has an
     * object graph, that of the object with this path in the program, or of the variable with this
     * full name.
     *
     * @param name a name or a path, such as {@code model/dense/kernel}
     * @return the tensor
     * @throws TfckptException with {@link Status#NOT_FOUND} where it means none, and {@link
     *     Status#INVALID_ARGUMENT} where it means several, which are in its names
     */
    public Tensor resolve(String name) {
        byte[] bytes = Utf8.encode(name);
        return with(r -> new TensorFacts(Native.readerResolve(r, bytes)).next(this));
    }

    /**
     * Goes through all tensors, in the order of the bytes of their names. Where the index is damaged
     * {@code next()} throws a {@link TfckptException}; the one after it goes on behind the damage.
     *
     * @return a new iterator, for one thread
     */
    @Override
    public Iterator<Tensor> iterator() {
        return new Listing(this, new byte[0]);
    }

    /**
     * Goes through the tensors whose names begin with a prefix.
     *
     * @param prefix how the names begin
     * @return the tensors, as of {@link #iterator()}
     */
    public Iterable<Tensor> list(String prefix) {
        byte[] bytes = Utf8.encode(prefix);
        return () -> new Listing(this, bytes);
    }

    /** How many there are is not said, as that would read all of the index first. */
    @Override
    public Spliterator<Tensor> spliterator() {
        return Spliterators.spliteratorUnknownSize(
                iterator(),
                Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL | Spliterator.IMMUTABLE);
    }

    /**
     * All tensors, as of {@link #iterator()}. The stream need not be closed.
     *
     * @return a new stream
     */
    public Stream<Tensor> stream() {
        return StreamSupport.stream(spliterator(), false);
    }

    /**
     * Reads many tensors, or slices of them, in the order in which they lie in the files, whatever
     * order they are asked for in.
     *
     * @param requests which, and where they go; no two to the same memory
     * @throws TfckptException with {@link Status#NOT_FOUND} and all the names that there are no
     *     tensors of; otherwise the first error that was met. What is in all of the buffers is not
     *     defined then
     */
    public void readMany(Collection<ReadRequest> requests) {
        readMany(requests, ReadOptions.defaults());
    }

    /**
     * The same with options: on how many threads, and who watches.
     *
     * @param requests which, and where they go
     * @param options how
     * @throws TfckptException as of {@link #readMany(Collection)}; with {@link Status#CANCELLED} when
     *     it was
     */
    public void readMany(Collection<ReadRequest> requests, ReadOptions options) {
        ManyReads.read(this, requests, options);
    }

    /**
     * Reads and checks every block and every stored byte, and lists all that is wrong.
     *
     * @return the report
     */
    public Report verify() {
        return verify(ReadOptions.defaults());
    }

    /**
     * The same with options: on how many threads, and who watches.
     *
     * @param options of which the progress, the threads and, for V1, the bytes in flight count
     * @return the report
     * @throws TfckptException with {@link Status#CANCELLED} when it was
     */
    public Report verify(ReadOptions options) {
        long[] counts = new long[2];
        return new Report(with(r -> options.apply(how -> Native.readerVerify(r, how, counts))), counts);
    }

    /** Returns its prefix. */
    @Override
    public String toString() {
        return prefix.toString();
    }
}
