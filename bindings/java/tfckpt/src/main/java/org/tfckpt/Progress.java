package org.tfckpt;

/**
 * How far calls are, and the word to call them off. It goes into the options of a call; while that
 * runs, other threads ask how far it is, or cancel it. It may see several calls, one after the other
 * or at once.
 */
public final class Progress extends NativeObject {
    /** Makes one that has seen nothing yet. */
    public Progress() {
        super(Native.progressNew(), Native::progressFree);
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
     * @return true after {@link #cancel()}
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
