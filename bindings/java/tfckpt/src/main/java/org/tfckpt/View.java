package org.tfckpt;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The values of a tensor as they lie in its file, mapped into memory. It needs its reader no more.
 *
 * <p>A buffer of it, and whatever was made of that buffer, stays good for as long as it can be
 * reached: the file is unmapped when the view was closed, or forgotten, and the last buffer has
 * become garbage. So no buffer is ever left without its memory.
 *
 * <p>Should another process cut the file short, touching the bytes that are gone ends the program.
 */
public final class View implements AutoCloseable {
    private final long size;
    private final int alignment;
    private volatile Mapping mapping;

    /** The mapping itself, of which the buffers have a share too. */
    private static final class Mapping {
        private final Handle handle;
        private int shares = 1;

        Mapping(long view) {
            handle = new Handle(view, Native::viewFree);
        }

        synchronized ByteBuffer buffer(View owner, long offset, int length) {
            long pointer = handle.acquire(owner);
            try {
                ByteBuffer buffer = Native.viewBuffer(pointer, offset, length);
                shares++;
                // What is made of a buffer holds that buffer: the last of them is garbage first.
                NativeObject.CLEANER.register(buffer, this::giveUp);
                return buffer.asReadOnlyBuffer().order(ByteOrder.nativeOrder());
            } finally {
                handle.release();
            }
        }

        synchronized void giveUp() {
            shares--;
            if (shares == 0) {
                handle.abandon();
            }
        }
    }

    private final Cleaner.Cleanable share;

    View(long view) {
        size = Native.viewSize(view);
        alignment = Native.viewAlignment(view);
        mapping = new Mapping(view);
        share = NativeObject.CLEANER.register(this, mapping::giveUp);
    }

    /**
     * How many bytes there are.
     *
     * @return the size
     */
    public long size() {
        return size;
    }

    /**
     * The largest power of two, 4096 at most, that the address of the first byte is a multiple of.
     * Buffers of Java need none.
     *
     * @return the alignment
     */
    public int alignment() {
        return alignment;
    }

    /**
     * All of it.
     *
     * @return a direct buffer that is read-only, in native order
     * @throws TfckptException where it is more than a buffer can hold
     * @throws IllegalStateException when it is closed
     */
    public ByteBuffer buffer() {
        if (size > Integer.MAX_VALUE) {
            throw new TfckptException(
                    Status.RESOURCE_LIMIT, size + " bytes are more than a buffer can hold: take parts", null);
        }
        return buffer(0, (int) size);
    }

    /**
     * A part of it.
     *
     * @param offset the first byte
     * @param length how many bytes
     * @return a direct buffer that is read-only, in native order
     * @throws IndexOutOfBoundsException where it reaches outside
     * @throws IllegalStateException when it is closed
     */
    public ByteBuffer buffer(long offset, int length) {
        if (offset < 0 || length < 0 || offset > size - length) {
            throw new IndexOutOfBoundsException(length + " bytes from " + offset + " on, of " + size);
        }
        Mapping open = mapping;
        if (open == null) {
            throw new IllegalStateException("this View is closed");
        }
        try {
            return open.buffer(this, offset, length);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Gives no more buffers. Those that it gave stay good, and hold the mapping. Closing again does
     * nothing.
     */
    @Override
    public void close() {
        mapping = null;
        share.clean();
    }
}
