package org.tfckpt;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
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
    }

    private ByteBuffer stage(ReadRequest request) {
        int size = (int) Math.min(sizeOf(request), request.dst().remaining());
        staged += size;
        return ByteBuffer.allocateDirect(size);
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
        int count = requests.size();
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        long[] nameLens = new long[count];
        long[] ranks = new long[count];
        long[] lens = new long[count];
        for (int i = 0; i < count; i++) {
            byte[] name = requests.get(i).name();
            names.write(name, 0, name.length);
            nameLens[i] = name.length;
            Slice slice = requests.get(i).slice();
            ranks[i] = slice.isAll() ? -1 : slice.rank();
            lens[i] = buffers.get(i).capacity();
        }
        ByteBuffer[] dsts = buffers.toArray(new ByteBuffer[0]);
        reader.run(r -> options.apply(how -> {
            Native.readMany(r, names.toByteArray(), nameLens, ranks, slices(), dsts, new long[count], lens, how);
            return null;
        }));
        unstage();
    }

    private long[] slices() {
        return requests.stream()
                .filter(request -> !request.slice().isAll())
                .flatMapToLong(request -> Arrays.stream(request.slice().raw()))
                .toArray();
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
