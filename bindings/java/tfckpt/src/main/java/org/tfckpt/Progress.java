package org.tfckpt;

import java.util.Objects;

/**
 * How far calls are, and the word to call them off. It goes into the options of a call; while that
 * runs, it tells its listener, and other threads ask how far it is, or cancel it. It may see several
 * calls, one after the other or at once.
 *
 * <pre>{@code
 * try (Progress progress = new Progress((done, total) -> bar.show(done, total))) {
 *     reader.readMany(requests, ReadOptions.defaults().progress(progress));
 * }
 * }</pre>
 */
public final class Progress extends NativeObject {
    /** Set while a listener is told by this thread. */
    private static final ThreadLocal<Boolean> TELLING = new ThreadLocal<>();

    /** Whom the native code holds no more than weakly: it may hold this. */
    private final Listener listener;

    /** Who is told how far a call is. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Is called while a call goes on: by the thread that made the call, from within it, on however
         * many threads it works; never twice at once, and at most every 10 ms, so that a call which is over
         * sooner may never do so. The call waits for it.
         *
         * <p>It may do whatever it likes but go on with the {@link Writer} that is in the call, which is
         * an {@link IllegalStateException}. What it closes that is in the call is freed when that ends.
         * What it throws calls the call off and comes out of it; where the call was as good as over, what
         * it was to do may be done all the same.
         *
         * @param done how many bytes are done
         * @param total how many bytes there are to be done, as far as it is known
         * @return whether the call goes on; false is as {@link Progress#cancel()}
         */
        boolean onProgress(long done, long total);
    }

    /** Makes one that has seen nothing yet, and tells nobody. */
    public Progress() {
        super(Native.progressNew(null), Native::progressFree);
        listener = null;
    }

    /**
     * Makes one that has seen nothing yet.
     *
     * @param listener who is told
     */
    public Progress(Listener listener) {
        super(Native.progressNew(Objects.requireNonNull(listener)), Native::progressFree);
        this.listener = listener;
    }

    /** Tells a listener, in a call of this thread. */
    static boolean tell(Listener listener, long done, long total) {
        TELLING.set(true);
        try {
            return listener.onProgress(done, total);
        } finally {
            TELLING.remove();
        }
    }

    /** Whether this thread is in a call that is telling a listener. */
    static boolean isTelling() {
        return TELLING.get() != null;
    }

    /**
     * Calls off what goes on and all that comes: it ends with {@link Status#CANCELLED}, soon. There
     * is no way back: take a new one.
     */
    public void cancel() {
        run(Native::progressCancel);
    }

    /**
     * Whether it was cancelled.
     *
     * @return true after {@link #cancel()}, or when its listener has called it off
     */
    public boolean isCancelled() {
        return with(Native::progressIsCancelled);
    }

    /**
     * How many bytes are done.
     *
     * @return no more than {@link #total()} says afterwards
     */
    public long done() {
        return withLong(Native::progressDone);
    }

    /**
     * How many bytes there are to be done, as far as it is known.
     *
     * @return 0 until a call has found its tensors
     */
    public long total() {
        return withLong(Native::progressTotal);
    }
}
