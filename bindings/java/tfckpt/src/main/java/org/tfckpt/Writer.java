package org.tfckpt;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * A checkpoint being written. Nothing of it can be seen until {@link #finish()} has succeeded, and
 * closing it without leaves nothing behind. Threads take turns.
 *
 * <pre>{@code
 * try (Writer writer = Writer.create(Path.of("model/ckpt-101"))) {
 *     writer.add("dense/kernel", Shape.of(2, 3), new float[] {1, 2, 3, 4, 5, 6});
 *     writer.addStrings("vocabulary", Shape.of(2), List.of("a", "b"));
 *     writer.finish();
 * }
 * }</pre>
 *
 * <p>Values go to disk as they come. Memory is needed for the index, and a buffer for each shard; in
 * the V1 format all of them stay in memory until the end, and must be sorted by name.
 */
public final class Writer extends NativeObject {
    private final Path prefix;
    private final Object turns = new Object();
    private boolean busy;

    private Writer(Path prefix, long pointer) {
        super(pointer, Native::writerFree);
        this.prefix = prefix;
    }

    /**
     * Begins a checkpoint. Directories that are missing are created.
     *
     * @param prefix the path of its files, without {@code .index} and {@code .data-...}
     * @return a writer, to be finished and closed
     * @throws TfckptException with {@link Status#ALREADY_EXISTS} where there is a checkpoint of that
     *     prefix
     */
    public static Writer create(Path prefix) {
        return builder(prefix).create();
    }

    /**
     * Begins a checkpoint with options.
     *
     * @param prefix as of {@link #create(Path)}
     * @return a builder with the defaults
     */
    public static Builder builder(Path prefix) {
        return new Builder(prefix);
    }

    /** How a checkpoint is written. */
    public static final class Builder {
        private final Path prefix;
        private Format format = Format.V2;
        private long shards = 1;
        private long alignment;
        private boolean bigEndian;
        private boolean sync = true;
        private boolean replace;

        private Builder(Path prefix) {
            this.prefix = Objects.requireNonNull(prefix);
        }

        /**
         * In which format it is written: V1 is for programs that read no other, and does not hold all
         * types. Default: V2.
         *
         * @param format the format
         * @return this
         */
        public Builder format(Format format) {
            this.format = Objects.requireNonNull(format);
            return this;
        }

        /**
         * Over how many data shards the tensors are spread. Default: 1.
         *
         * @param shards 1 to 1000
         * @return this
         */
        public Builder shards(int shards) {
            this.shards = shards;
            return this;
        }

        /**
         * At what multiple of bytes a tensor begins in its shard. 1 packs tensors as TensorFlow does.
         * Default: 0, which is 64 for tensors of 4 KiB and more, and for smaller ones the size of an
         * element.
         *
         * @param bytes a power of two up to 1 MiB, or 0
         * @return this
         */
        public Builder alignment(int bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException(bytes + " bytes");
            }
            this.alignment = bytes;
            return this;
        }

        /**
         * Whether values are stored highest byte first. They are given in the byte order of this
         * machine all the same. Default: false.
         *
         * @param bigEndian whether they are
         * @return this
         */
        public Builder bigEndian(boolean bigEndian) {
            this.bigEndian = bigEndian;
            return this;
        }

        /**
         * Whether {@link Writer#finish()} returns only when everything is on stable storage. Without, a
         * power cut may leave a checkpoint that is not whole. Default: true.
         *
         * @param sync whether it does
         * @return this
         */
        public Builder sync(boolean sync) {
            this.sync = sync;
            return this;
        }

        /**
         * Whether a checkpoint of that format that is at the prefix already is replaced. At every
         * instant of a crash one of the two is there, whole; only of V1 in several files, and where
         * the file system has no hard links, it may be neither. Default: false.
         *
         * @param replace whether it is
         * @return this
         */
        public Builder replace(boolean replace) {
            this.replace = replace;
            return this;
        }

        /**
         * Begins the checkpoint.
         *
         * @return a writer, to be finished and closed
         * @throws TfckptException as of {@link Writer#create(Path)}; for options that make no sense
         */
        public Writer create() {
            return new Writer(
                    prefix,
                    Native.writerCreate(
                            PathBytes.encode(prefix),
                            format.number(),
                            shards,
                            alignment,
                            bigEndian,
                            sync,
                            replace));
        }
    }

    /**
     * The prefix of its files.
     *
     * @return the path that it was created with
     */
    public Path prefix() {
        return prefix;
    }

    /**
     * Adds a tensor of {@link DType#FLOAT}.
     *
     * @param name its name
     * @param shape its dimensions
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, or has another number of elements
     */
    public void add(String name, Shape shape, float[] values) {
        add(TensorSpec.of(name, DType.FLOAT, shape), values);
    }

    /**
     * Adds a tensor, or a slice of one, of a type that fits the array.
     *
     * @param spec what it is
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, is of a type that does not fit, or has another
     *     number of elements
     */
    public void add(TensorSpec spec, float[] values) {
        addValues(spec, ArrayKind.FLOATS, values, values.length);
    }

    /**
     * Adds a tensor of {@link DType#DOUBLE}.
     *
     * @param name its name
     * @param shape its dimensions
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, or has another number of elements
     */
    public void add(String name, Shape shape, double[] values) {
        add(TensorSpec.of(name, DType.DOUBLE, shape), values);
    }

    /**
     * Adds a tensor, or a slice of one, of a type that fits the array.
     *
     * @param spec what it is
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, is of a type that does not fit, or has another
     *     number of elements
     */
    public void add(TensorSpec spec, double[] values) {
        addValues(spec, ArrayKind.DOUBLES, values, values.length);
    }

    /**
     * Adds a tensor of {@link DType#INT32}.
     *
     * @param name its name
     * @param shape its dimensions
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, or has another number of elements
     */
    public void add(String name, Shape shape, int[] values) {
        add(TensorSpec.of(name, DType.INT32, shape), values);
    }

    /**
     * Adds a tensor, or a slice of one, of a type that fits the array.
     *
     * @param spec what it is
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, is of a type that does not fit, or has another
     *     number of elements
     */
    public void add(TensorSpec spec, int[] values) {
        addValues(spec, ArrayKind.INTS, values, values.length);
    }

    /**
     * Adds a tensor of {@link DType#INT64}.
     *
     * @param name its name
     * @param shape its dimensions
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, or has another number of elements
     */
    public void add(String name, Shape shape, long[] values) {
        add(TensorSpec.of(name, DType.INT64, shape), values);
    }

    /**
     * Adds a tensor, or a slice of one, of a type that fits the array.
     *
     * @param spec what it is
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, is of a type that does not fit, or has another
     *     number of elements
     */
    public void add(TensorSpec spec, long[] values) {
        addValues(spec, ArrayKind.LONGS, values, values.length);
    }

    /**
     * Adds a tensor of {@link DType#INT16}.
     *
     * @param name its name
     * @param shape its dimensions
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, or has another number of elements
     */
    public void add(String name, Shape shape, short[] values) {
        add(TensorSpec.of(name, DType.INT16, shape), values);
    }

    /**
     * Adds a tensor, or a slice of one, of a type that fits the array.
     *
     * @param spec what it is
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, is of a type that does not fit, or has another
     *     number of elements
     */
    public void add(TensorSpec spec, short[] values) {
        addValues(spec, ArrayKind.SHORTS, values, values.length);
    }

    /**
     * Adds a tensor of {@link DType#INT8}.
     *
     * @param name its name
     * @param shape its dimensions
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, or has another number of elements
     */
    public void add(String name, Shape shape, byte[] values) {
        add(TensorSpec.of(name, DType.INT8, shape), values);
    }

    /**
     * Adds a tensor, or a slice of one, of a type that fits the array.
     *
     * @param spec what it is
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, is of a type that does not fit, or has another
     *     number of elements
     */
    public void add(TensorSpec spec, byte[] values) {
        addValues(spec, ArrayKind.BYTES, values, values.length);
    }

    /**
     * Adds a tensor of {@link DType#BOOL}.
     *
     * @param name its name
     * @param shape its dimensions
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, or has another number of elements
     */
    public void add(String name, Shape shape, boolean[] values) {
        add(TensorSpec.of(name, DType.BOOL, shape), values);
    }

    /**
     * Adds a tensor, or a slice of one, of a type that fits the array.
     *
     * @param spec what it is
     * @param values its elements, in C order
     * @throws TfckptException where it was added before, is of a type that does not fit, or has another
     *     number of elements
     */
    public void add(TensorSpec spec, boolean[] values) {
        addValues(spec, ArrayKind.BOOLEANS, values, values.length);
    }

    /**
     * Adds a tensor, or a slice of one.
     *
     * @param spec what it is
     * @param values its elements in native order: what remains in the buffer, whose position is then
     *     at the limit
     * @throws TfckptException where it was added before, or has another number of bytes
     */
    public void add(TensorSpec spec, ByteBuffer values) {
        int count = values.remaining();
        int position = values.position();
        if (values.isDirect()) {
            exclusively(w -> Native.writerAddDirect(
                    w, spec.name(), spec.dtype().number(), spec.dims(), spec.slice(), values, position, count));
        } else if (values.hasArray()) {
            addArray(spec, ArrayKind.BYTES, values.array(), values.arrayOffset() + position, count);
        } else {
            byte[] copy = new byte[count];
            values.duplicate().get(copy);
            addArray(spec, ArrayKind.BYTES, copy, 0, count);
        }
        values.position(values.limit());
    }

    /**
     * Adds many tensors, or slices of them. The files are the same as if each had been added by {@link
     * #add(TensorSpec, ByteBuffer)}, one after the other.
     *
     * @param requests which, and their values
     * @throws TfckptException as of that method, for the first request that has an error: none of them
     *     is added then, or in the V1 format those before it. Nothing is written before all were
     *     checked; after {@link Status#IO} the writer can only be closed
     */
    public void addMany(Collection<WriteRequest> requests) {
        addMany(requests, WriteOptions.defaults());
    }

    /**
     * The same with options: on how many threads, and who watches.
     *
     * @param requests which, and their values
     * @param options how
     * @throws TfckptException as of {@link #addMany(Collection)}; with {@link Status#CANCELLED} when it
     *     was, after which the writer can only be closed
     */
    public void addMany(Collection<WriteRequest> requests, WriteOptions options) {
        ManyWrites writes = new ManyWrites(requests);
        options.apply(how -> exclusively(w -> writes.run(w, how)));
    }

    /**
     * Adds a tensor of strings.
     *
     * @param name its name
     * @param shape its dimensions
     * @param elements as many as that, in C order
     * @throws TfckptException where it was added before, or there are more or fewer
     */
    public void addStrings(String name, Shape shape, List<String> elements) {
        addStrings(TensorSpec.of(name, DType.STRING, shape), elements);
    }

    /**
     * Adds a tensor of strings, or a slice of one.
     *
     * @param spec what it is
     * @param elements as many as it has, in C order
     * @throws TfckptException as of {@link #addStrings(String, Shape, List)}
     */
    public void addStrings(TensorSpec spec, List<String> elements) {
        addStrings(spec, elements.stream().map(Utf8::encode).toArray(byte[][]::new));
    }

    /**
     * Adds a tensor of strings that need not be UTF-8, or of variants, or a slice of one.
     *
     * @param spec what it is: {@link DType#STRING}; or {@link DType#VARIANT}, with a serialized
     *     VariantTensorDataProto for each element
     * @param elements as many as it has, in C order
     * @throws TfckptException as of {@link #addStrings(String, Shape, List)}
     */
    public void addStrings(TensorSpec spec, byte[][] elements) {
        byte[][] all = elements.clone(); // which nobody changes meanwhile
        for (byte[] element : all) {
            Objects.requireNonNull(element);
        }
        if (!spec.dtype().hasStrings()) {
            throw new TfckptException(Status.INVALID_ARGUMENT, spec.dtype() + " has no strings", spec.name());
        }
        exclusively(w -> Native.writerAddStrings(
                w, spec.name(), spec.dtype().number(), spec.dims(), spec.slice(), all));
    }

    /**
     * Begins a tensor, or a slice of one, whose bytes come in pieces. Until the stream is closed
     * nothing else can be added.
     *
     * @param spec what it is
     * @return the stream to write to, in native order, and to close
     * @throws TfckptException where it was added before, or has no elements of a fixed size
     */
    public TensorStream stream(TensorSpec spec) {
        exclusively(w -> Native.writerBegin(
                w, spec.name(), spec.dtype().number(), spec.dims(), spec.slice()));
        return new TensorStream(this);
    }

    /**
     * Makes the checkpoint appear at its prefix, whole. Whether it succeeds or not, the writer is
     * closed then; where it fails no file is left behind.
     *
     * @throws TfckptException where slices overlap, a stream was not closed, a checkpoint has
     *     appeared there meanwhile, or it cannot be written
     */
    public void finish() {
        try {
            exclusively(Native::writerFinish);
        } finally {
            close();
        }
    }

    private void addValues(TensorSpec spec, ArrayKind kind, Object values, int count) {
        kind.check(spec.dtype(), spec.name());
        addArray(spec, kind, values, 0, count);
    }

    private void addArray(TensorSpec spec, ArrayKind kind, Object values, int offset, int count) {
        exclusively(w -> Native.writerAddArray(
                w,
                spec.name(),
                spec.dtype().number(),
                spec.dims(),
                spec.slice(),
                values,
                kind.ordinal(),
                offset,
                count));
    }

    /**
     * One call at a time: a writer is not for several threads at once, nor for a listener while it is
     * in the call that he is told of.
     */
    void exclusively(LongConsumer call) {
        synchronized (turns) {
            if (busy) {
                throw new IllegalStateException("this Writer is in a call already");
            }
            busy = true;
            try {
                run(call);
            } finally {
                busy = false;
            }
        }
    }
}
