package org.tfckpt;

/** How values are read. It never changes: what sets something gives another one. */
public final class ReadOptions {
    private static final ReadOptions DEFAULTS = new ReadOptions(true, 1, -1, null);

    private final boolean verify;
    private final int threads;
    private final long maxInFlight;
    private final Progress progress;

    private ReadOptions(boolean verify, int threads, long maxInFlight, Progress progress) {
        this.verify = verify;
        this.threads = threads;
        this.maxInFlight = maxInFlight;
        this.progress = progress;
    }

    /**
     * The defaults.
     *
     * @return options that check what is read, on one thread
     */
    public static ReadOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Whether bytes are checked against their checksum. That is over all of a stored tensor, so
     * checking a slice reads all the stored pieces that it touches; without, only the wanted ranges
     * are read, and damage in them is not seen. Default: true.
     *
     * @param verify whether to check
     * @return these options with that
     */
    public ReadOptions verify(boolean verify) {
        return new ReadOptions(verify, threads, maxInFlight, progress);
    }

    /**
     * On how many threads a call reads or checks, the caller's included, one long tensor too. The
     * others are started for the call and end with it. Default: 1.
     *
     * @param threads how many; more than 256 count as 256
     * @return these options with that
     */
    public ReadOptions threads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads");
        }
        return new ReadOptions(verify, threads, maxInFlight, progress);
    }

    /**
     * How many bytes {@link Reader#readMany} may hold at once besides the buffers that it fills.
     * Default: 8 MiB.
     *
     * @param bytes how many
     * @return these options with that
     */
    public ReadOptions maxInFlight(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(bytes + " bytes");
        }
        return new ReadOptions(verify, threads, bytes, progress);
    }

    /**
     * Who watches the reads. Default: nobody.
     *
     * @param progress counts the bytes that are read, tells its listener, and may call it off; null
     *     for nobody
     * @return these options with that
     */
    public ReadOptions progress(Progress progress) {
        return new ReadOptions(verify, threads, maxInFlight, progress);
    }

    boolean verifies() {
        return verify;
    }

    /** A call that takes options as the native functions do. */
    interface Call<R> {
        R with(long[] options);
    }

    <R> R apply(Call<R> call) {
        if (this == DEFAULTS) {
            return call.with(null);
        }
        if (progress == null) {
            return call.with(encode(0));
        }
        return progress.with(pointer -> call.with(encode(pointer)));
    }

    private long[] encode(long progress) {
        return new long[] {verify ? 1 : 0, threads, maxInFlight, progress};
    }
}
