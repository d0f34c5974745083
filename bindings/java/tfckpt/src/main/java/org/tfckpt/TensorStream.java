package org.tfckpt;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;

/**
 * A tensor of a {@link Writer} whose bytes come in pieces, which may end within an element. Until it
 * is closed nothing else can be added to the writer.
 */
public final class TensorStream implements WritableByteChannel {
    /** What is copied of a heap buffer at once. */
    private static final int PIECE = 1 << 16;

    private final Writer writer;
    private boolean open = true;
    private ByteBuffer piece;

    TensorStream(Writer writer) {
        this.writer = writer;
    }

    /**
     * Adds the next bytes: all that remain in a buffer.
     *
     * @param src the bytes
     * @return how many there were
     * @throws ClosedChannelException when it is closed
     * @throws TfckptException where they are more than the tensor takes
     */
    @Override
    public synchronized int write(ByteBuffer src) throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
        int count = src.remaining();
        if (src.isDirect()) {
            append(src, count);
        } else {
            writeHeap(src);
        }
        return count;
    }

    private void writeHeap(ByteBuffer src) {
        if (piece == null) {
            piece = ByteBuffer.allocateDirect(PIECE);
        }
        while (src.hasRemaining()) {
            ByteBuffer part = src.duplicate();
            part.limit(src.position() + Math.min(src.remaining(), PIECE));
            int count = part.remaining();
            piece.clear().put(part).flip();
            append(piece, count);
            src.position(src.position() + count);
        }
    }

    private void append(ByteBuffer direct, int count) {
        writer.exclusively(w -> Native.writerAppendDirect(w, direct, direct.position(), count));
        direct.position(direct.position() + count);
    }

    @Override
    public synchronized boolean isOpen() {
        return open;
    }

    /**
     * Ends the tensor. Where bytes of it are missing it is given up.
     *
     * @throws TfckptException where they are
     * @throws IllegalStateException when the writer is closed
     */
    @Override
    public synchronized void close() {
        if (!open) {
            return;
        }
        open = false;
        try {
            writer.exclusively(Native::writerEnd);
        } catch (TfckptException e) {
            writer.exclusively(Native::writerCancel);
            throw e;
        }
    }

    /** Gives up the tensor: it will not be in the checkpoint, and its name is free again. */
    public synchronized void abort() {
        if (open && !writer.isClosed()) {
            writer.exclusively(Native::writerCancel);
        }
        open = false;
    }
}
