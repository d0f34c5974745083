package org.tfckpt;

import java.util.function.Consumer;

/** How many tensors are written at once. It never changes: what sets something gives another one. */
public final class WriteOptions {
    private static final WriteOptions DEFAULTS = new WriteOptions(1, -1, null);

    private final int threads;
    private final long maxInFlight;
    private final Progress progress;

    private WriteOptions(int threads, long maxInFlight, Progress progress) {
        this.threads = threads;
        this.maxInFlight = maxInFlight;
        this.progress = progress;
    }

    /**
     * The defaults.
     *
     * @return options that write on one thread
     */
    public static WriteOptions defaults() {
        return DEFAULTS;
    }

    /**
     * On how many threads {@link Writer#addMany} writes, the caller's included. The others are started
     * for the call and end with it. With as many {@linkplain Writer.Builder#shards(int) shards} they get
     * on best; what is in the files does not depend on it. Default: 1.
     *
     * @param threads how many; more than 256 count as 256
     * @return these options with that
     */
    public WriteOptions threads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads");
        }
        return new WriteOptions(threads, maxInFlight, progress);
    }

    /**
     * How many bytes {@link Writer#addMany} may hold at once besides the values, of all threads together;
     * 32 KiB for each it takes anyway. Default: 8 MiB.
     *
     * @param bytes how many
     * @return these options with that
     */
    public WriteOptions maxInFlight(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(bytes + " bytes");
        }
        return new WriteOptions(threads, bytes, progress);
    }

    /**
     * Who watches the writing. Default: nobody.
     *
     * @param progress counts the bytes of values that are written, tells its listener, and may call it
     *     off; null for nobody
     * @return these options with that
     */
    public WriteOptions progress(Progress progress) {
        return new WriteOptions(threads, maxInFlight, progress);
    }

    /** Makes a call that takes options as the native functions do. */
    void apply(Consumer<long[]> call) {
        if (progress == null) {
            call.accept(encode(0));
        } else {
            progress.run(pointer -> call.accept(encode(pointer)));
        }
    }

    private long[] encode(long progress) {
        return new long[] {threads, maxInFlight, progress};
    }
}
