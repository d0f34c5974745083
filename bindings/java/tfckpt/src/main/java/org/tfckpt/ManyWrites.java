package org.tfckpt;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Requests to write as the native functions take them; heap buffers as direct copies. */
final class ManyWrites {
    private final Packed packed = new Packed();
    private final ByteBuffer[] buffers;

    ManyWrites(Collection<WriteRequest> requests) {
        List<ByteBuffer> all = new ArrayList<>(requests.size());
        for (WriteRequest request : requests) {
            pack(request.spec());
            all.add(direct(request.values()));
        }
        buffers = all.toArray(new ByteBuffer[0]);
    }

    /** The name, type and rank, that of the slice, or -1 for a whole tensor, and all the numbers of both. */
    private void pack(TensorSpec spec) {
        long[] slice = spec.slice();
        packed.addName(spec.name());
        packed.add(spec.dtype().number());
        packed.add(spec.dims().length);
        packed.add(slice == null ? -1 : slice.length / 2);
        packed.addAll(spec.dims());
        if (slice != null) {
            packed.addAll(slice);
        }
    }

    private static ByteBuffer direct(ByteBuffer values) {
        if (values.isDirect()) {
            return values.slice();
        }
        return ByteBuffer.allocateDirect(values.remaining()).put(values.duplicate()).clear();
    }

    void run(long writer, long[] options) {
        Native.writerAddMany(writer, packed.names(), packed.numbers(), buffers, options);
    }
}
