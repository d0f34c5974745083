package org.tfckpt;

import java.util.function.LongConsumer;

/**
 * A pointer of C that counts the calls it is in, and is freed once, when it is closed and in no
 * call any more.
 */
final class Handle {
    private final LongConsumer free;
    private long pointer;
    private int uses;
    private boolean closed;

    Handle(long pointer, LongConsumer free) {
        this.pointer = pointer;
        this.free = free;
    }

    /** The pointer, which stays good until {@link #release()}. */
    synchronized long acquire(Object owner) {
        if (closed) {
            throw new IllegalStateException("this " + owner.getClass().getSimpleName() + " is closed");
        }
        uses++;
        return pointer;
    }

    synchronized void release() {
        uses--;
        freeIfUnused();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Lets nobody in any more, and frees it, now or when the last call has ended. */
    synchronized void abandon() {
        closed = true;
        freeIfUnused();
    }

    /**
     * Abandons it, and waits until it is freed. An interrupt does not shorten that, and is there
     * afterwards. A listener, who may be told by the very call that uses it, does not wait.
     */
    synchronized void close() {
        abandon();
        boolean interrupted = false;
        while (pointer != 0 && !Progress.isTelling()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void freeIfUnused() {
        if (closed && uses == 0 && pointer != 0) {
            long last = pointer;
            pointer = 0;
            try {
                free.accept(last);
            } finally {
                notifyAll();
            }
        }
    }
}
