package org.tfckpt;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Requests as the native functions take them. Those into heap buffers go by way of direct ones, not
 * too much of it at once.
 */
final class ManyReads {
    private static final long MOST_STAGED = 64 << 20;

    private final Reader reader;
    private final ReadOptions options;
    private final List<ReadRequest> requests = new ArrayList<>();
    private final List<ByteBuffer> buffers = new ArrayList<>();
    private final Packed packed = new Packed();
    private long staged;

    private ManyReads(Reader reader, ReadOptions options) {
        this.reader = reader;
        this.options = options;
    }

    static void read(Reader reader, Collection<ReadRequest> all, ReadOptions options) {
        ManyReads reads = new ManyReads(reader, options);
        for (ReadRequest request : all) {
            reads.add(request);
            if (reads.staged > MOST_STAGED) {
                reads.run();
                reads = new ManyReads(reader, options);
            }
        }
        reads.run();
    }

    private void add(ReadRequest request) {
        requests.add(request);
        buffers.add(request.dst().isDirect() ? request.dst().slice() : stage(request));
        pack(request);
    }

    /** The name, the rank of the slice, or -1 for a whole tensor, how many strides there are, and all of these. */
    private void pack(ReadRequest request) {
        Slice slice = request.slice();
        packed.addName(request.name());
        packed.add(slice.isAll() ? -1 : slice.rank());
        packed.add(request.strides().length);
        if (!slice.isAll()) {
            packed.addAll(slice.raw());
        }
        packed.addAll(request.strides());
    }

    private ByteBuffer stage(ReadRequest request) {
        ByteBuffer dst = request.dst();
        boolean strided = request.strides().length > 0;
        int size = strided ? dst.remaining() : (int) Math.min(sizeOf(request), dst.remaining());
        staged += size;
        ByteBuffer direct = ByteBuffer.allocateDirect(size);
        // What lies between must be there to go back.
        return strided ? direct.put(dst.duplicate()).clear() : direct;
    }

    /** 0 where there is none of that name: all such names will be in one error. */
    private long sizeOf(ReadRequest request) {
        try {
            return reader.withLong(r -> Native.readSize(r, request.name(), request.slice().raw()));
        } catch (TfckptException e) {
            if (e.status() == Status.NOT_FOUND) {
                return 0;
            }
            throw e;
        }
    }

    private void run() {
        ByteBuffer[] dsts = buffers.toArray(new ByteBuffer[0]);
        reader.run(r -> options.apply(how -> {
            Native.readMany(r, packed.names(), packed.numbers(), dsts, how);
            return null;
        }));
        unstage();
    }

    private void unstage() {
        for (int i = 0; i < requests.size(); i++) {
            ByteBuffer dst = requests.get(i).dst();
            if (!dst.isDirect()) {
                dst.duplicate().put(buffers.get(i));
            }
        }
    }
}
