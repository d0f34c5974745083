package org.tfckpt;

import java.util.Objects;

/** How checkpoints are merged. It never changes: what sets something gives another one. */
public final class MergeOptions {
    private static final MergeOptions DEFAULTS =
            new MergeOptions(OnConflict.ERROR, Transfer.COPY, true, 1, -1, null);

    private final OnConflict onConflict;
    private final Transfer transfer;
    private final boolean sync;
    private final int threads;
    private final long maxInFlight;
    private final Progress progress;

    private MergeOptions(
            OnConflict onConflict, Transfer transfer, boolean sync, int threads, long maxInFlight, Progress progress) {
        this.onConflict = Objects.requireNonNull(onConflict);
        this.transfer = Objects.requireNonNull(transfer);
        this.sync = sync;
        this.threads = threads;
        this.maxInFlight = maxInFlight;
        this.progress = progress;
    }

    /**
     * The defaults.
     *
     * @return options that copy, and fail where names are the same
     */
    public static MergeOptions defaults() {
        return DEFAULTS;
    }

    /**
     * What happens where two sources have the same tensor.
     *
     * @param onConflict the default is {@link OnConflict#ERROR}
     * @return these options with that
     */
    public MergeOptions onConflict(OnConflict onConflict) {
        return new MergeOptions(onConflict, transfer, sync, threads, maxInFlight, progress);
    }

    /**
     * What becomes of the data files of the sources.
     *
     * @param transfer the default is {@link Transfer#COPY}
     * @return these options with that
     */
    public MergeOptions transfer(Transfer transfer) {
        return new MergeOptions(onConflict, transfer, sync, threads, maxInFlight, progress);
    }

    /**
     * Whether the merge ends only when the result is on stable storage. Default: true.
     *
     * @param sync whether it does
     * @return these options with that
     */
    public MergeOptions sync(boolean sync) {
        return new MergeOptions(onConflict, transfer, sync, threads, maxInFlight, progress);
    }

    /**
     * On how many threads data files are copied, or values written anew, the caller's included. The
     * others are started for the call and end with it; what comes of it does not depend on that.
     * Default: 1.
     *
     * @param threads how many; more than 256 count as 256
     * @return these options with that
     */
    public MergeOptions threads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException(threads + " threads");
        }
        return new MergeOptions(onConflict, transfer, sync, threads, maxInFlight, progress);
    }

    /**
     * How many bytes of data may be held at once, of all threads together; some 100 KiB for each it
     * takes anyway, and of V1 a stored slice. Default: 64 MiB.
     *
     * @param bytes how many
     * @return these options with that
     */
    public MergeOptions maxInFlight(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException(bytes + " bytes");
        }
        return new MergeOptions(onConflict, transfer, sync, threads, bytes, progress);
    }

    /**
     * Who watches the merge. Default: nobody.
     *
     * @param progress counts the bytes of data files, tells its listener, and may call it off; null
     *     for nobody
     * @return these options with that
     */
    public MergeOptions progress(Progress progress) {
        return new MergeOptions(onConflict, transfer, sync, threads, maxInFlight, progress);
    }

    void merge(byte[] dst, byte[][] sources) {
        if (progress == null) {
            merge(dst, sources, 0);
        } else {
            progress.run(pointer -> merge(dst, sources, pointer));
        }
    }

    private void merge(byte[] dst, byte[][] sources, long progress) {
        Native.merge(
                dst, sources, onConflict.ordinal(), transfer.ordinal(), sync, threads, maxInFlight, progress);
    }
}
