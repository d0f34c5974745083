package org.tfckpt;

import java.nio.ByteBuffer;

/**
 * The functions of {@code libtfckpt_jni}. Handles are pointers of C. Names, prefixes and paths are
 * bytes; a slice is its starts and then its lengths, or null for the whole tensor; options of reads
 * and writes are as {@link ReadOptions} and {@link WriteOptions} encode them, or null for the defaults.
 */
final class Native {
    /** The version that this class was written for. */
    static final String VERSION = NativeLibrary.load();

    private Native() {}

    /** What the functions throw. */
    static TfckptException exception(
            int status, byte[] message, byte[] file, byte[] tensor, int shard, long offset, byte[][] names) {
        return new TfckptException(Status.of(status), Utf8.show(message), file, tensor, shard, offset, names);
    }

    /** What the functions call while they go on, from the thread that called them. */
    static boolean tell(Progress.Listener listener, long done, long total) {
        return Progress.tell(listener, done, total);
    }

    static native void init();

    static native String version();

    static native int dtypeSize(int dtype);

    static native byte[] dtypeName(int dtype);

    static native long readerOpen(byte[] path, boolean mapped, long indexCache, long[] limits);

    static native void readerFree(long reader);

    static native int readerFormat(long reader);

    static native byte[] readerPrefix(long reader);

    static native long readerNumShards(long reader);

    static native boolean readerIsBigEndian(long reader);

    static native long readerCount(long reader);

    /** A byte[] and a long[], as {@link TensorFacts} reads them. */
    static native Object[] readerFind(long reader, byte[] name);

    static native Object[] readerResolve(long reader, byte[] name);

    static native long readerList(long reader, byte[] prefix);

    static native Object[] cursorNext(long cursor, long max);

    static native void cursorFree(long cursor);

    static native long readSize(long reader, byte[] name, long[] slice);

    static native void check(long reader, byte[] name);

    static native void readDirect(
            long reader, byte[] name, long[] slice, long[] options, ByteBuffer dst, long position, long len);

    static native void readArray(
            long reader, byte[] name, long[] slice, long[] options, Object dst, int kind, int offset, int count);

    /** Names and numbers as {@link ManyReads} packs them; buffers that are filled from their start. */
    static native void readMany(
            long reader, byte[] names, long[] numbers, ByteBuffer[] buffers, long[] options);

    static native long readStrings(long reader, byte[] name, long[] slice, long[] options);

    static native void stringsFree(long strings);

    static native long stringsCount(long strings);

    static native void stringsOffsets(long strings, long first, long[] dst);

    static native void stringsData(long strings, long from, byte[] dst, int len);

    static native long view(long reader, byte[] name, long[] options);

    static native void viewFree(long view);

    static native long viewSize(long view);

    static native int viewAlignment(long view);

    static native ByteBuffer viewBuffer(long view, long offset, int len);

    static native Object[] readerVerify(long reader, long[] options, long[] counts);

    static native Object[] verify(byte[] path, long[] counts);

    static native void merge(
            byte[] dst,
            byte[][] sources,
            int onConflict,
            int transfer,
            boolean sync,
            int threads,
            long maxInFlight,
            long progress);

    static native byte[] latest(byte[] dir, boolean valid);

    /** Three byte[][] of paths, and an array of exceptions, as {@link Collected} takes them. */
    static native Object[] gc(byte[] dir, boolean tensorflow, boolean orphans, long minAge, boolean dryRun);

    static native long writerCreate(
            byte[] prefix,
            int format,
            long shards,
            long alignment,
            boolean bigEndian,
            boolean sync,
            boolean replace);

    static native void writerFree(long writer);

    static native void writerAddDirect(
            long writer,
            byte[] name,
            int dtype,
            long[] dims,
            long[] slice,
            ByteBuffer src,
            long position,
            long len);

    static native void writerAddArray(
            long writer,
            byte[] name,
            int dtype,
            long[] dims,
            long[] slice,
            Object src,
            int kind,
            int offset,
            int count);

    /** Names and numbers as {@link ManyWrites} packs them; of the buffers all is written. */
    static native void writerAddMany(
            long writer, byte[] names, long[] numbers, ByteBuffer[] buffers, long[] options);

    static native void writerAddStrings(
            long writer, byte[] name, int dtype, long[] dims, long[] slice, byte[][] elements);

    static native void writerBegin(long writer, byte[] name, int dtype, long[] dims, long[] slice);

    static native void writerAppendDirect(long writer, ByteBuffer src, long position, long len);

    static native void writerEnd(long writer);

    static native void writerCancel(long writer);

    static native void writerFinish(long writer);

    /** Null for a listener is nobody. The listener must be held by somebody while there are calls. */
    static native long progressNew(Progress.Listener listener);

    static native void progressFree(long progress);

    static native void progressCancel(long progress);

    static native boolean progressIsCancelled(long progress);

    static native long progressDone(long progress);

    static native long progressTotal(long progress);
}
