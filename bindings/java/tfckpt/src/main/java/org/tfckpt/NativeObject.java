package org.tfckpt;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;

/** Something that owns a {@link Handle}, which is abandoned when it is forgotten. */
abstract class NativeObject implements AutoCloseable {
    static final Cleaner CLEANER = Cleaner.create();

    private final Handle handle;
    private final Cleaner.Cleanable cleanable;

    NativeObject(long pointer, LongConsumer free) {
        handle = new Handle(pointer, free);
        Handle abandoned = handle; // and nothing of this, or it would never be garbage
        cleanable = CLEANER.register(this, abandoned::abandon);
    }

    /** Frees what it owns, when the calls that it is in have ended. Closing again does nothing. */
    @Override
    public void close() {
        handle.close();
        cleanable.clean();
    }

    final boolean isClosed() {
        return handle.isClosed();
    }

    /** Calls something with the pointer; the object cannot become garbage meanwhile. */
    final <R> R with(LongFunction<R> call) {
        long pointer = handle.acquire(this);
        try {
            return call.apply(pointer);
        } finally {
            handle.release();
            Reference.reachabilityFence(this);
        }
    }

    final long withLong(LongUnaryOperator call) {
        long pointer = handle.acquire(this);
        try {
            return call.applyAsLong(pointer);
        } finally {
            handle.release();
            Reference.reachabilityFence(this);
        }
    }

    final void run(LongConsumer call) {
        long pointer = handle.acquire(this);
        try {
            call.accept(pointer);
        } finally {
            handle.release();
            Reference.reachabilityFence(this);
        }
    }
}
